// SPDX-License-Identifier: Apache-2.0
// Wrapping data keys, by libsodium.
#include "lists/archive/sealed_head.h"

#include <sodium.h>
#include <algorithm>
#include <cstring>

namespace parapet::lists {
namespace {

static_assert(sizeof(SealedHead::nonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(sizeof(SealedHead::wrapped_key) == kDataKeySize + crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(kArchiveKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(offsetof(SealedHead, wrapped_key) == kAuthenticatedHead);

const unsigned char* authenticated(const SealedHead& head) { return reinterpret_cast<const unsigned char*>(&head); }

bool is_named(const SealedHead& head, const std::string& name) {
  char padded[sizeof head.name] = {};
  std::copy_n(name.data(), std::min(name.size(), sizeof padded), padded);
  return name.size() <= sizeof padded && std::memcmp(padded, head.name, sizeof padded) == 0;
}

}  // namespace

SealedHead make_sealed_head(const ArchivedVersion& version, std::uint64_t sealed_realtime_ns, const ArchiveKey& key,
                            ByteView data_key) {
  SealedHead head{};
  head.magic = kArchiveMagic;
  head.major = kArchiveMajor;
  head.minor = kArchiveMinor;
  head.head_size = sizeof head;
  head.number = version.number;
  head.sealed_realtime_ns = sealed_realtime_ns;
  std::copy_n(version.name.data(), std::min(version.name.size(), sizeof head.name), head.name);
  std::ranges::copy(key.id(), head.key_id);
  ::randombytes_buf(head.nonce, sizeof head.nonce);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(head.wrapped_key, nullptr, data_key.data(), kDataKeySize,
                                               authenticated(head), kAuthenticatedHead, nullptr, head.nonce,
                                               key.bytes().data());
  return head;
}

Result<SealedHead> read_sealed_head(ByteView file) {
  SealedHead head;
  if (file.size() < sizeof head) return fail(ErrorCode::malformed, "archive: cut short in its head");
  std::memcpy(&head, file.data(), sizeof head);
  if (head.magic != kArchiveMagic) return fail(ErrorCode::malformed, "archive: no archived list");
  if (head.major != kArchiveMajor) {
    return fail(ErrorCode::unsupported, "archive: of format version " + std::to_string(head.major));
  }
  if (head.head_size != sizeof head) return fail(ErrorCode::malformed, "archive: its head has another size");
  return head;
}

Result<SecretMemory> open_sealed_head(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys) {
  const auto head = read_sealed_head(file);
  if (!head) return std::unexpected(head.error());
  if (!is_named(*head, version.name)) return fail(ErrorCode::integrity, "archive: it is of another list");
  if (head->number != version.number) return fail(ErrorCode::integrity, "archive: it is of another version");
  ArchiveKeyId id;
  std::ranges::copy(head->key_id, id.begin());
  const auto* key = keys.find(id);
  if (key == nullptr) {
    return fail(ErrorCode::integrity, "archive: sealed under a key that is neither archive_key_file nor an old one");
  }
  auto data_key = SecretMemory::allocate(kDataKeySize);
  if (!data_key) return data_key;
  if (::crypto_aead_xchacha20poly1305_ietf_decrypt(data_key->bytes().data(), nullptr, nullptr, head->wrapped_key,
                                                   sizeof head->wrapped_key, authenticated(*head), kAuthenticatedHead,
                                                   head->nonce, key->bytes().data()) != 0) {
    return fail(ErrorCode::integrity, "archive: its head was changed");
  }
  return data_key;
}

Result<SealedHead> rewrap_sealed_head(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys) {
  const auto data_key = open_sealed_head(file, version, keys);
  if (!data_key) return std::unexpected(data_key.error());
  return make_sealed_head(version, read_sealed_head(file)->sealed_realtime_ns, keys.current, data_key->bytes());
}

}  // namespace parapet::lists
