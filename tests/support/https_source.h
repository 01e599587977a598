// SPDX-License-Identifier: Apache-2.0
// A hotline on 127.0.0.1 with a throw-away CA (https_source.py), for as long as the object lives.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "temp_folder.h"

namespace parapet::support {

class HttpsSource {
 public:
  HttpsSource() {
    int in[2];
    int out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      ::execlp("python3", "python3", PARAPET_HTTPS_SOURCE, folder_.path().c_str(), nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    keep_alive_ = in[1];
    std::FILE* lines = ::fdopen(out[0], "r");
    if (std::fscanf(lines, "%d %d", &port_, &proxy_port_) != 2) std::abort();
    std::fclose(lines);
  }
  HttpsSource(const HttpsSource&) = delete;
  HttpsSource& operator=(const HttpsSource&) = delete;
  ~HttpsSource() {
    ::close(keep_alive_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string url(const std::string& path) const { return "https://127.0.0.1:" + std::to_string(port_) + path; }
  std::string proxy() const { return "http://127.0.0.1:" + std::to_string(proxy_port_); }
  std::string ca_file() const { return folder_.file("ca.pem"); }
  std::string other_ca_file() const { return folder_.file("other-ca.pem"); }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  int keep_alive_ = -1;
  int port_ = 0;
  int proxy_port_ = 0;
};

}  // namespace parapet::support
