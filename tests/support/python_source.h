// SPDX-License-Identifier: Apache-2.0
// A program in Python that serves from a folder, for as long as the object lives: it prints its ports, and ends when
// its standard input does.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "temp_folder.h"

namespace parapet::support {

class PythonSource {
 public:
  // Its arguments are the folder, then these.
  PythonSource(const char* program, std::vector<std::string> arguments, std::size_t port_count) : ports_(port_count) {
    int in[2];
    int out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) std::abort();
    std::vector<std::string> words{"python3", program, folder_.path()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      ::execvp("python3", pointers.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    keep_alive_ = in[1];
    std::FILE* lines = ::fdopen(out[0], "r");
    for (int& port : ports_) {
      if (std::fscanf(lines, "%d", &port) != 1) std::abort();
    }
    std::fclose(lines);
  }
  PythonSource(const PythonSource&) = delete;
  PythonSource& operator=(const PythonSource&) = delete;
  ~PythonSource() {
    ::close(keep_alive_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  const TempFolder& folder() const { return folder_; }

 protected:
  // "127.0.0.1:PORT"
  std::string address_of(std::size_t which) const { return "127.0.0.1:" + std::to_string(ports_[which]); }

 private:
  TempFolder folder_;
  std::vector<int> ports_;
  pid_t pid_ = -1;
  int keep_alive_ = -1;
};

}  // namespace parapet::support
