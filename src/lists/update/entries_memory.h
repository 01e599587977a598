// SPDX-License-Identifier: Apache-2.0
// Where the reading child puts the sealed entries of one version: memory without a name, and the data key of this
// version alone, so that the child never holds the archive key.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/control_options.h"

namespace parapet::lists {

class EntriesMemory {
 public:
  static Result<EntriesMemory> create();
  int fd() const noexcept { return fd_.get(); }
  ByteView data_key() const noexcept { return data_key_.bytes(); }
  // From here on nobody can change it, however many hold it.
  //   errors  io
  Status seal() const;

 private:
  EntriesMemory(Fd fd, SecretMemory data_key) noexcept : fd_(std::move(fd)), data_key_(std::move(data_key)) {}
  Fd fd_;
  SecretMemory data_key_;
};

// What the sealed entries of a feed can take at most: the shortest entries become some seven times as long.
//   feed_bytes  as it came
std::uint64_t max_entries_bytes(const config::SourceOptions& source, std::uint64_t feed_bytes) noexcept;

}  // namespace parapet::lists
