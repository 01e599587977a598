// SPDX-License-Identifier: Apache-2.0
// Where a feed stands between the child that fetched it and the child that reads it: memory without a name, which
// parapetd hands on and never looks into.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"

namespace parapet::lists {

class FeedMemory {
 public:
  static Result<FeedMemory> create();
  int fd() const noexcept { return fd_.get(); }
  // From here on nobody can change it, however many hold it.
  //   errors  io
  Status seal() const;

 private:
  explicit FeedMemory(Fd fd) noexcept : fd_(std::move(fd)) {}
  Fd fd_;
};

// In the children, over the descriptor they were given.
//   errors  io · limit
Result<std::uint64_t> feed_size(int fd);
Status write_feed(int fd, ByteView bytes);
Result<std::vector<std::uint8_t>> read_feed_bytes(int fd, std::uint64_t max_size_bytes);

}  // namespace parapet::lists
