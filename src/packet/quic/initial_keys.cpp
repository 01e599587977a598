// SPDX-License-Identifier: Apache-2.0
// Deriving Initial keys block by block.
//
// libcrypto's one-block SHA-256 is marked as deprecated, but there is no other way to it that does not allocate: each
// HMAC or KDF object of EVP takes memory when it is copied or begun. docs/decisions/ has the figures.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "packet/quic/initial_keys.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace parapet::packet {
namespace {

constexpr std::size_t kBlockLength = 64;
constexpr std::size_t kHashLength = 32;

// In the order of QuicVersion. RFC 9001 §5.2, RFC 9369 §3.3.1, and the drafts of both
constexpr std::array<std::array<std::uint8_t, 20>, kQuicVersions> kSalts{{
    {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
     0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
    {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
     0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
    {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
     0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
    {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d,
     0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3},
}};

// FIPS 180-4 §5.3.3
constexpr std::array<std::uint32_t, 8> kSha256Start{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void take_block(std::array<std::uint32_t, 8>& state, const std::array<std::uint8_t, kBlockLength>& block) noexcept {
  SHA256_CTX context;
  std::memcpy(context.h, state.data(), sizeof context.h);
  SHA256_Transform(&context, block.data());
  std::memcpy(state.data(), context.h, sizeof context.h);
}

std::array<std::uint8_t, kHashLength> hash_of(const std::array<std::uint32_t, 8>& state) noexcept {
  std::array<std::uint8_t, kHashLength> hash;
  for (std::size_t i = 0; i < state.size(); ++i) store_be32(hash.data() + 4 * i, state[i]);
  return hash;
}

template <std::size_t N>
void take_first(std::array<std::uint8_t, N>& to, const std::array<std::uint8_t, kHashLength>& hash) noexcept {
  std::copy_n(hash.begin(), N, to.begin());
}

}  // namespace

InitialKeySchedule::HmacKey InitialKeySchedule::hmac_key(ByteView key) noexcept {
  Block inner, outer;
  inner.fill(0x36);
  outer.fill(0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= key[i];
    outer[i] ^= key[i];
  }
  HmacKey made{kSha256Start, kSha256Start};
  take_block(made.inner, inner);
  take_block(made.outer, outer);
  return made;
}

// A message's only block, behind the one of the padded key.  FIPS 180-4 §5.1.1; at most 55 bytes
InitialKeySchedule::Block InitialKeySchedule::pad(ByteView message) noexcept {
  Block block{};
  std::copy(message.begin(), message.end(), block.begin());
  block[message.size()] = 0x80;
  store_be16(block.data() + kBlockLength - 2, static_cast<std::uint16_t>((kBlockLength + message.size()) * 8));
  return block;
}

std::array<std::uint8_t, 32> InitialKeySchedule::hmac(const HmacKey& key, const Block& padded_message) noexcept {
  Sha256State state = key.inner;
  take_block(state, padded_message);
  const std::array<std::uint8_t, kHashLength> inner = hash_of(state);
  state = key.outer;
  take_block(state, pad(inner));
  return hash_of(state);
}

// The info of HKDF-Expand-Label with an empty context, and the counter of HKDF's first block.  RFC 8446 §7.1
InitialKeySchedule::Block InitialKeySchedule::expand_block(const char* label, std::uint8_t length) noexcept {
  const std::string_view text(label);
  std::array<std::uint8_t, 32> info{0, length, static_cast<std::uint8_t>(text.size())};
  std::copy(text.begin(), text.end(), info.begin() + 3);
  info[3 + text.size() + 1] = 1;
  return pad(ByteView{info}.first(3 + text.size() + 2));
}

InitialKeySchedule::InitialKeySchedule() noexcept : client_(expand_block("tls13 client in", 32)) {
  for (std::size_t i = 0; i < kQuicVersions; ++i) salts_[i] = hmac_key(kSalts[i]);
  const Labels version_1{expand_block("tls13 quic key", 16), expand_block("tls13 quic iv", 12),
                         expand_block("tls13 quic hp", 16)};
  const Labels version_2{expand_block("tls13 quicv2 key", 16), expand_block("tls13 quicv2 iv", 12),
                         expand_block("tls13 quicv2 hp", 16)};
  labels_ = {version_1, version_1, version_2, version_2};
}

InitialKeys InitialKeySchedule::client_keys(QuicVersion version, const ConnectionId& first_destination) const noexcept {
  const auto which = static_cast<std::size_t>(version);
  const auto initial_secret = hmac(salts_[which], pad(first_destination.view()));
  const auto client_secret = hmac(hmac_key(initial_secret), client_);
  const HmacKey secret = hmac_key(client_secret);
  InitialKeys keys;
  take_first(keys.key, hmac(secret, labels_[which].key));
  take_first(keys.iv, hmac(secret, labels_[which].iv));
  take_first(keys.header_key, hmac(secret, labels_[which].header_key));
  return keys;
}

}  // namespace parapet::packet
