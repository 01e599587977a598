// SPDX-License-Identifier: Apache-2.0
// Where the bytes of a capture come from: a file that is read piece by piece, or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"

namespace parapet::cli {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `out` from its beginning.  out: how many bytes; fewer than asked for: the end, or it cannot be read any more
  virtual std::size_t read(MutableBytes out) = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) noexcept : rest_(bytes) {}
  std::size_t read(MutableBytes out) override;

 private:
  ByteView rest_;
};

class FileSource final : public ByteSource {
 public:
  // Regular files alone: no FIFO, device, socket or folder; an interface has no name that could be opened.
  //   errors  not_found · permission · io · invalid_argument (no regular file)
  static Result<FileSource> open(const std::string& path);
  std::uint64_t size() const noexcept { return size_; }
  std::size_t read(MutableBytes out) override;

 private:
  FileSource(Fd fd, std::uint64_t size);
  bool refill();

  Fd fd_;
  std::uint64_t size_;
  std::vector<std::uint8_t> buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace parapet::cli
