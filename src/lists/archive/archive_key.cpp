// SPDX-License-Identifier: Apache-2.0
// Archive keys by libsodium.
#include "lists/archive/archive_key.h"

#include <sodium.h>
#include <algorithm>

#include "base/secret_file.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kWhat = "archive key";
constexpr std::string_view kIdPurpose = "parapet archive key id 1";

}  // namespace

ArchiveKey::ArchiveKey(SecretMemory memory) noexcept : memory_(std::move(memory)) {
  static_assert(kArchiveKeySize == crypto_generichash_KEYBYTES);
  std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
  const auto purpose = bytes_of(kIdPurpose);
  ::crypto_generichash(hash.data(), hash.size(), purpose.data(), purpose.size(), memory_.bytes().data(),
                       kArchiveKeySize);
  std::copy_n(hash.begin(), id_.size(), id_.begin());
}

Result<ArchiveKey> ArchiveKey::load(const std::string& path) {
  auto memory = load_secret_file(path, kArchiveKeySize, kWhat);
  if (!memory) return std::unexpected(memory.error());
  return ArchiveKey(std::move(*memory));
}

Result<ArchiveKey> ArchiveKey::load_or_create(const std::string& path) {
  auto memory = load_or_create_secret_file(path, kArchiveKeySize, kWhat);
  if (!memory) return std::unexpected(memory.error());
  return ArchiveKey(std::move(*memory));
}

Result<ArchiveKey> ArchiveKey::random() {
  auto memory = random_secret(kArchiveKeySize);
  if (!memory) return std::unexpected(memory.error());
  return ArchiveKey(std::move(*memory));
}

Result<ArchiveKey> ArchiveKey::from_bytes(ByteView bytes) {
  auto memory = SecretMemory::allocate(kArchiveKeySize);
  if (!memory) return std::unexpected(memory.error());
  std::ranges::copy(bytes.first(kArchiveKeySize), memory->bytes().begin());
  return ArchiveKey(std::move(*memory));
}

const ArchiveKey* ArchiveKeys::find(const ArchiveKeyId& id) const noexcept {
  if (current.id() == id) return &current;
  const auto found = std::ranges::find(old, id, &ArchiveKey::id);
  return found != old.end() ? &*found : nullptr;
}

}  // namespace parapet::lists
