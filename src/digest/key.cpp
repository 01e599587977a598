// SPDX-License-Identifier: Apache-2.0
// Key files, key ids and keyed checksums.
#include "digest/key.h"

#include <cstring>

#include "base/secret_file.h"

namespace parapet::digest {
namespace {

// Domains keep the digests of unlike things apart. Names (name.h) begin with words whose top byte is 0x01..0x3f.
constexpr std::uint64_t kKeyIdDomain = 0xff00000000000001;
constexpr std::uint64_t kChecksumDomain = 0xff00000000000002;

constexpr std::string_view kWhat = "digest key";

}  // namespace

KeyId key_id(const Key& key) noexcept {
  SipState state(key);
  state.feed(kKeyIdDomain);
  const std::uint64_t low = state.low();
  KeyId id;
  std::memcpy(id.data(), &low, id.size());
  return id;
}

Digest checksum(const Key& key, ByteView bytes) noexcept {
  SipState state(key);
  state.feed(kChecksumDomain);
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) state.feed(load_le64(bytes.data() + at));
  std::uint64_t last = 0;
  if (at < bytes.size()) std::memcpy(&last, bytes.data() + at, bytes.size() - at);
  state.feed(last);
  state.feed(bytes.size());
  return state.digest();
}

Result<StoredKey> StoredKey::load(const std::string& path) {
  auto memory = load_secret_file(path, sizeof(Key), kWhat);
  if (!memory) return std::unexpected(memory.error());
  return StoredKey(std::move(*memory));
}

Result<StoredKey> StoredKey::load_or_create(const std::string& path) {
  auto memory = load_or_create_secret_file(path, sizeof(Key), kWhat);
  if (!memory) return std::unexpected(memory.error());
  return StoredKey(std::move(*memory));
}

Result<StoredKey> StoredKey::random() {
  auto memory = random_secret(sizeof(Key));
  if (!memory) return std::unexpected(memory.error());
  return StoredKey(std::move(*memory));
}

}  // namespace parapet::digest
