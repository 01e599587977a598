// SPDX-License-Identifier: Apache-2.0
// A parapetd for tests: listens on a Unix socket and answers one question.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

#include "base/file.h"

namespace parapet::cli {

class AnsweringSocket {
 public:
  AnsweringSocket(const std::string& path, std::string answer) : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    if (::listen(listener_.get(), 1) != 0) std::abort();
    thread_ = std::jthread([this, answer = std::move(answer)] {
      const Fd peer(::accept(listener_.get(), nullptr, nullptr));
      char piece[256];
      while (question_.find('\n') == std::string::npos) {
        const ssize_t got = ::recv(peer.get(), piece, sizeof piece, 0);
        if (got <= 0) return;
        question_.append(piece, static_cast<std::size_t>(got));
      }
      ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }
  // What was asked; waits for it.
  std::string question() {
    if (thread_.joinable()) thread_.join();
    return question_;
  }

 private:
  Fd listener_;
  std::string question_;
  std::jthread thread_;
};

}  // namespace parapet::cli
