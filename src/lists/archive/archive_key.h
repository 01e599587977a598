// SPDX-License-Identifier: Apache-2.0
// The archive key: 256 bits, one per installation and time, under which the data keys of archived versions are wrapped.
// parapetd alone has it; the reading child gets the data key of its one version.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace parapet::lists {

inline constexpr std::size_t kArchiveKeySize = 32;
inline constexpr std::size_t kDataKeySize = 32;

using ArchiveKeyId = std::array<std::uint8_t, 8>;

// In private memory until it goes.
class ArchiveKey {
 public:
  // 32 bytes in a file of its own (base/secret_file.h).  errors: not_found · permission · malformed · io
  static Result<ArchiveKey> load(const std::string& path);
  // As load; where there is no file, a random key is written to it first.
  static Result<ArchiveKey> load_or_create(const std::string& path);
  static Result<ArchiveKey> random();
  static Result<ArchiveKey> from_bytes(ByteView bytes);  // REQUIRES kArchiveKeySize of them

  ByteView bytes() const noexcept { return memory_.bytes(); }
  const ArchiveKeyId& id() const noexcept { return id_; }  // names it without telling it

 private:
  explicit ArchiveKey(SecretMemory memory) noexcept;
  SecretMemory memory_;
  ArchiveKeyId id_{};
};

// The key that new versions are sealed under, and old ones that still open theirs.
struct ArchiveKeys {
  ArchiveKey current;
  std::vector<ArchiveKey> old;

  const ArchiveKey* find(const ArchiveKeyId& id) const noexcept;  // nullptr: none of them
};

}  // namespace parapet::lists
