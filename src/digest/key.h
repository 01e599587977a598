// SPDX-License-Identifier: Apache-2.0
// The digest key: 128 bits, one per installation, made by parapetd, never in a snapshot, counters or logs.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "digest/siphash.h"

namespace parapet::digest {

using KeyId = std::array<std::uint8_t, 8>;

// Names a key without telling it: a digest under the key itself of a fixed word.
KeyId key_id(const Key& key) noexcept;

// 128-bit keyed checksum over bytes, with its own domain so that it never equals a name's digest.
Digest checksum(const Key& key, ByteView bytes) noexcept;

// The key of this process, in private memory (base/secret.h) until the process ends.
class StoredKey {
 public:
  // Reads 16 bytes from a regular file that only its owner can read (mode & 077 == 0), or a systemd credential.
  //   errors  not_found · permission (readable by others) · malformed (not 16 bytes, or all zero)
  static Result<StoredKey> load(const std::string& path);
  // As load; where there is no file, 16 random bytes are written to it first, mode 0600.
  static Result<StoredKey> load_or_create(const std::string& path);
  // A key of this run alone, e.g. for flow tables.
  static Result<StoredKey> random();

  const Key& key() const noexcept { return *reinterpret_cast<const Key*>(memory_.bytes().data()); }

 private:
  explicit StoredKey(SecretMemory memory) noexcept : memory_(std::move(memory)) {}
  SecretMemory memory_;
};

}  // namespace parapet::digest
