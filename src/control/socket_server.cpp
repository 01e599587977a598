// SPDX-License-Identifier: Apache-2.0
// Accepting, reading lines, answering.
#include "control/socket_server.h"

#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace parapet::control {
namespace {

struct Client {
  Fd fd;
  std::string unread;
  Nanoseconds last_line_ns;
  Fd passed;
};

Result<std::optional<gid_t>> find_group(const std::string& name) {
  if (name.empty()) return std::nullopt;
  std::vector<char> buffer(16 << 10);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return fail(ErrorCode::invalid_config, "control.operator_group: there is no group " + name +
                                               " here; make it (groupadd --system " + name + ") or set it to \"\"");
  }
  return found->gr_gid;
}

Result<sockaddr_un> make_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(ErrorCode::invalid_config, "control.socket: the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// A socket file whose owner died is taken away.
Status clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return fail(ErrorCode::refused, path + " is there and is no socket");
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN) {
    return fail(ErrorCode::refused, "another process answers at " + path);
  }
  if (::unlink(path.c_str()) != 0) return fail_errno("removing the old socket " + path);
  return {};
}

bool send_line(const Fd& fd, std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Answers every whole line; false when the client is to be let go.
bool answer_lines(Client& client, const Answer& answer) {
  for (;;) {
    const auto end = client.unread.find('\n');
    if (end == std::string::npos) return client.unread.size() <= kMaxQuestion;
    if (end > kMaxQuestion ||
        !send_line(client.fd, answer(std::string_view(client.unread).substr(0, end), client.passed)))
      return false;
    client.passed = Fd();
    client.last_line_ns = read_clock(CLOCK_MONOTONIC);
    wipe(client.unread.data(), end);  // a question may name a listed URL
    client.unread.erase(0, end + 1);
  }
}

// Of files beyond the first few of a message the kernel itself lets go.
void take_passed(Client& client, msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      client.passed = Fd(fd);
    }
  }
}

ssize_t receive(Client& client, std::span<char> bytes) {
  alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
  iovec place{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(client.fd.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got >= 0) take_passed(client, message);
  return got;
}

bool read_client(Client& client, const Answer& answer) {
  char bytes[4096];
  const ssize_t got = receive(client, bytes);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  client.unread.append(bytes, static_cast<std::size_t>(got));
  wipe(bytes, static_cast<std::size_t>(got));
  return answer_lines(client, answer);
}

void accept_client(int listener, std::vector<Client>& clients) {
  Fd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd.valid() || clients.size() >= kMaxClients) return;
  const timeval patience{2, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  clients.push_back({std::move(fd), {}, read_clock(CLOCK_MONOTONIC), {}});
  clients.back().unread.reserve(2 * kMaxQuestion);  // never moved, so that no copy stays behind unwiped
}

void serve_clients(int listener, const lists::StopSignal& stop, const Answer& answer) {
  std::vector<Client> clients;
  for (;;) {
    std::vector<pollfd> waited{{stop.fd(), POLLIN, 0}, {listener, POLLIN, 0}};
    for (const auto& client : clients) waited.push_back({client.fd.get(), POLLIN, 0});
    if (::poll(waited.data(), waited.size(), clients.empty() ? -1 : 1000) < 0 && errno != EINTR) return;
    if (waited[0].revents != 0) return;
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    for (std::size_t i = clients.size(); i-- > 0;) {
      const bool spoke = waited[2 + i].revents != 0;
      const bool idle = now - std::min(now, clients[i].last_line_ns) > kIdleLimitMs * 1'000'000;
      if (spoke ? !read_client(clients[i], answer) : idle) {
        wipe(clients[i].unread.data(), clients[i].unread.size());
        clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (waited[1].revents != 0) accept_client(listener, clients);
  }
}

}  // namespace

Result<SocketServer> SocketServer::open(const std::string& path, const std::string& group) {
  auto gid = find_group(group);
  if (!gid) return std::unexpected(gid.error());
  auto address = make_address(path);
  if (!address) return std::unexpected(address.error());
  if (auto status = clear_stale(path, *address); !status) return std::unexpected(status.error());
  Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener.valid()) return fail_errno("making the control socket");
  const mode_t before = ::umask(0177);
  const int bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  ::umask(before);
  if (bound != 0) return fail_errno("making the control socket " + path);
  if (*gid && (::chown(path.c_str(), static_cast<uid_t>(-1), **gid) != 0 || ::chmod(path.c_str(), 0660) != 0)) {
    auto error = fail_errno("giving the control socket " + path + " to group " + group);
    ::unlink(path.c_str());
    return error;
  }
  if (::listen(listener.get(), kMaxClients) != 0) return fail_errno("listening on the control socket " + path);
  auto stop = lists::StopSignal::make();
  if (!stop) return std::unexpected(stop.error());
  return SocketServer(path, std::move(listener), std::move(*stop));
}

SocketServer::~SocketServer() { stop(); }

void SocketServer::serve(Answer answer) {
  thread_ = std::jthread([listener = listener_.get(), stop = stop_.get(), answer = std::move(answer)] {
    serve_clients(listener, *stop, answer);
  });
}

void SocketServer::stop() {
  if (!stop_ || !listener_.valid()) return;
  stop_->raise();
  if (thread_.joinable()) thread_.join();
  listener_ = Fd();
  ::unlink(path_.c_str());
}

}  // namespace parapet::control
