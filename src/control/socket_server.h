// SPDX-License-Identifier: Apache-2.0
// The Unix socket where the operator's CLI asks: one line in, one line out. docs/formats/control_socket.md
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/file.h"
#include "base/result.h"
#include "lists/update/stop_signal.h"

namespace parapet::control {

inline constexpr std::size_t kMaxQuestion = 16 << 10;  // bytes of one line
inline constexpr std::size_t kMaxClients = 16;
inline constexpr std::uint64_t kIdleLimitMs = 10'000;  // a client that says nothing whole for that long is let go

// One line without its line feed → one line without its line feed. The file is what the client passed with it
// (SCM_RIGHTS), mostly none; the last one, where it passed several.
using Answer = std::function<std::string(std::string_view line, const Fd& passed)>;

// One thread serves all clients in turn. Who may connect is decided by the socket's owner, group and mode alone.
class SocketServer {
 public:
  // Makes the socket: group `group` and mode 0660, or mode 0600 where group is empty. A socket left by a dead process
  // is replaced.
  //   errors  invalid_config (no such group) · refused (somebody answers there) · permission · io
  static Result<SocketServer> open(const std::string& path, const std::string& group);
  SocketServer(SocketServer&&) = default;
  SocketServer& operator=(SocketServer&&) = delete;
  ~SocketServer();

  void serve(Answer answer);
  void stop();

 private:
  SocketServer(std::string path, Fd listener, lists::StopSignal stop)
      : path_(std::move(path)),
        listener_(std::move(listener)),
        stop_(std::make_unique<lists::StopSignal>(std::move(stop))) {}

  std::string path_;
  Fd listener_;
  std::unique_ptr<lists::StopSignal> stop_;
  std::jthread thread_;
};

}  // namespace parapet::control
