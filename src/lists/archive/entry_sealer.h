// SPDX-License-Identifier: Apache-2.0
// Seals the entries of one version as they are read, in the one process that knows them: what stands in memory in clear
// is one chunk, and it is overwritten as soon as it is sealed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace parapet::lists {

// Makes libsodium ready; before a sandbox takes from this process what that needs. Once a process; again does no harm.
//   errors  unavailable
Status prepare_sealing();

//   thread  one owner
class EntrySealer {
 public:
  using Write = std::function<Status(ByteView)>;

  // Begins a stream under this data key (kDataKeySize bytes, used for nothing else). What is sealed goes to `write`.
  //   max_bytes  that all writes may have together
  EntrySealer(ByteView data_key, std::uint64_t max_bytes, Write write);
  EntrySealer(const EntrySealer&) = delete;
  EntrySealer& operator=(const EntrySealer&) = delete;
  ~EntrySealer();

  // An error stays, and finish tells it.
  void add(EntryId id, std::uint64_t line, std::string_view canonical_text);
  // Seals the end. Nothing can be added any more.
  //   errors  limit (max_bytes, a text longer than kMaxEntryText) · those of write
  Status finish();

 private:
  struct Stream;
  void append(ByteView bytes);
  void seal_chunk(bool is_last);
  void write(ByteView sealed);

  std::unique_ptr<Stream> stream_;
  std::uint64_t bytes_left_;
  Write write_;
  Status status_;
};

}  // namespace parapet::lists
