// SPDX-License-Identifier: Apache-2.0
// Asking parapetd.
#include "app/cli/control_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/file.h"

namespace parapet::cli {
namespace {

constexpr std::size_t kMaxAnswer = 16 << 20;  // bytes

Result<Fd> connect_to(const std::string& path, std::chrono::seconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::invalid_argument, "'" + path + "' is no path of a Unix socket");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fail_errno("making a socket");
  const timeval waits{patience.count(), 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &waits, sizeof waits);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &waits, sizeof waits);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES || errno == EPERM) {
      return fail(ErrorCode::permission, path + ": only root and the operator group may ask");
    }
    return fail(ErrorCode::unavailable, "parapetd does not listen on " + path + ": " + std::strerror(errno));
  }
  return fd;
}

// The file goes with the first byte.
Status send_first(int fd, ByteView bytes, int file) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof file)]{};
  iovec place{const_cast<std::uint8_t*>(bytes.data()), 1};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(part), &file, sizeof file);
  ssize_t sent = -1;
  do sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent != 1) return fail_errno("passing the file to parapetd");
  return {};
}

Status send_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail_errno("asking parapetd");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> receive_line(int fd, std::chrono::seconds patience) {
  std::string line;
  char piece[4096];
  for (;;) {
    const ssize_t got = ::recv(fd, piece, sizeof piece, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return fail(ErrorCode::timeout, "parapetd did not answer within " + std::to_string(patience.count()) + " s");
    }
    if (got < 0) return fail_errno("hearing parapetd");
    if (got == 0) break;
    line.append(piece, static_cast<std::size_t>(got));
    if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
    if (line.size() > kMaxAnswer) return fail(ErrorCode::limit, "parapetd's answer is over 16 MiB");
  }
  return line;
}

}  // namespace

Result<nlohmann::json> ask_control(const std::string& socket_path, const nlohmann::json& question,
                                   std::chrono::seconds patience, int file) {
  auto fd = connect_to(socket_path, patience);
  if (!fd) return std::unexpected(fd.error());
  const std::string line = question.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  ByteView bytes = bytes_of(line);
  if (file >= 0) {
    if (auto status = send_first(fd->get(), bytes, file); !status) return std::unexpected(status.error());
    bytes = bytes.subspan(1);
  }
  if (auto status = send_all(fd->get(), bytes); !status) return std::unexpected(status.error());
  auto answer = receive_line(fd->get(), patience);
  if (!answer) return std::unexpected(answer.error());
  auto parsed = nlohmann::json::parse(*answer, nullptr, false);
  if (!parsed.is_object()) return fail(ErrorCode::malformed, "parapetd's answer is no JSON object");
  const auto error = parsed.find("error");
  if (error != parsed.end() && error->is_object()) {
    const auto part = [&](const char* name) {
      const auto at = error->find(name);
      return at != error->end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    const auto kind =
        part("code") == name_of(ErrorCode::invalid_argument) ? ErrorCode::invalid_argument : ErrorCode::refused;
    return fail(kind, "parapetd says " + part("code") + ": " + part("context"));
  }
  return parsed;
}

}  // namespace parapet::cli
