// SPDX-License-Identifier: Apache-2.0
// Reading whole files within a limit, and replacing them so that a reader sees the old or the new one, never neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parapet {

// Reads a regular file of at most `limit` bytes.  errors: not_found · permission · io · limit
Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::size_t limit);

// Writes PATH.tmp-PID, fsyncs it, opens it again and hands the bytes read back to `check`, renames it over PATH and
// fsyncs the folder. On any error PATH is untouched and the temporary file is gone.
//   mode  permission bits of the new file, e.g. 0600
Status replace_file(const std::string& path, ByteView bytes, unsigned mode,
                    const std::function<Status(ByteView)>& check = nullptr);
// The same of a file in pieces, one behind the other, that is not read back.
Status replace_file(const std::string& path, std::span<const ByteView> pieces, unsigned mode);

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();
  int get() const noexcept { return fd_; }
  bool valid() const noexcept { return fd_ >= 0; }
  int release() noexcept;

 private:
  int fd_ = -1;
};

}  // namespace parapet
