// SPDX-License-Identifier: Apache-2.0
// Connecting, sending and receiving within a deadline.
#include "lists/fetch/dns_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace parapet::lists {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<Address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const bool has_port = colon != std::string::npos && std::from_chars(&text[colon] + 1, end, port).ptr == end;
  Address address;
  const bool is_v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_v6) host = host.substr(1, host.size() - 2);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const int family = is_v6 ? AF_INET6 : AF_INET;
  void* place = is_v6 ? static_cast<void*>(&v6->sin6_addr) : static_cast<void*>(&v4->sin_addr);
  if (!has_port || port == 0 || ::inet_pton(family, host.c_str(), place) != 1) {
    return fail(ErrorCode::invalid_argument, "primary: no ADDRESS:PORT");
  }
  address.storage.ss_family = static_cast<sa_family_t>(family);
  (is_v6 ? v6->sin6_port : v4->sin_port) = htons(port);
  address.size = is_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  return address;
}

Error no_connection(int error) {
  return {ErrorCode::unavailable, std::string("no connection to the primary: ") + std::strerror(error)};
}

Error closed() { return {ErrorCode::integrity, "the transfer was cut short: the primary has closed the connection"}; }

}  // namespace

Result<DnsStream> DnsStream::connect(const std::string& address, Nanoseconds end_monotonic_ns) {
  const auto parsed = parse_address(address);
  if (!parsed) return std::unexpected(parsed.error());
  Fd fd(::socket(parsed->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return std::unexpected(no_connection(errno));
  DnsStream stream(std::move(fd), end_monotonic_ns);
  if (::connect(stream.fd_.get(), reinterpret_cast<const sockaddr*>(&parsed->storage), parsed->size) != 0) {
    if (errno != EINPROGRESS) return std::unexpected(no_connection(errno));
    if (auto status = stream.wait(POLLOUT); !status) return std::unexpected(status.error());
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(stream.fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return std::unexpected(no_connection(error));
  }
  return stream;
}

Status DnsStream::wait(short event) const {
  for (;;) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    if (now >= end_) return fail(ErrorCode::timeout, "not complete within deadline_ms");
    pollfd waited{fd_.get(), event, 0};
    const auto left_ms = static_cast<int>(std::min<Nanoseconds>((end_ - now) / 1'000'000 + 1, 60'000));
    const int ready = ::poll(&waited, 1, left_ms);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail_errno("waiting for the primary");
  }
}

Status DnsStream::send(ByteView message) const {
  std::vector<std::uint8_t> framed(2 + message.size());
  store_be16(framed.data(), static_cast<std::uint16_t>(message.size()));
  std::ranges::copy(message, framed.begin() + 2);
  for (ByteView rest(framed); !rest.empty();) {
    const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest = rest.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (auto status = wait(POLLOUT); !status) return status;
    } else if (errno != EINTR) {
      return std::unexpected(closed());
    }
  }
  return {};
}

Status DnsStream::fill(MutableBytes bytes) const {
  while (!bytes.empty()) {
    if (auto status = wait(POLLIN); !status) return status;  // each time, so that a trickle meets the deadline, too
    const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      return std::unexpected(closed());
    }
  }
  return {};
}

Result<std::vector<std::uint8_t>> DnsStream::receive() const {
  std::uint8_t length[2];
  if (auto status = fill(length); !status) return std::unexpected(status.error());
  std::vector<std::uint8_t> message(load_be16(length));
  if (auto status = fill(message); !status) return std::unexpected(status.error());
  return message;
}

}  // namespace parapet::lists
