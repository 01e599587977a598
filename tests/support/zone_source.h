// SPDX-License-Identifier: Apache-2.0
// A primary on 127.0.0.1 (zone_source.py), for as long as the object lives.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "temp_folder.h"

namespace parapet::support {

class ZoneSource {
 public:
  ZoneSource() {
    int in[2];
    int out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      ::execlp("python3", "python3", PARAPET_ZONE_SOURCE, folder_.path().c_str(), "127.0.0.1", "0", nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    keep_alive_ = in[1];
    std::FILE* lines = ::fdopen(out[0], "r");
    if (std::fscanf(lines, "%d", &port_) != 1) std::abort();
    std::fclose(lines);
  }
  ZoneSource(const ZoneSource&) = delete;
  ZoneSource& operator=(const ZoneSource&) = delete;
  ~ZoneSource() {
    ::close(keep_alive_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  int keep_alive_ = -1;
  int port_ = 0;
};

}  // namespace parapet::support
