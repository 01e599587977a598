// SPDX-License-Identifier: Apache-2.0
// The keys of a client's Initial packets, which anybody can derive from the first connection id.  RFC 9001 §5.2,
// RFC 9369 §3.3
//
// HKDF-SHA256 laid out in single blocks of the hash: all inputs are so short that each HMAC is four of them, two of
// which depend on the key alone. The salts' are computed once, so that one derivation is 14 blocks.
#pragma once

#include <array>
#include <cstdint>

#include "packet/quic/long_header.h"

namespace parapet::packet {

struct InitialKeys {
  std::array<std::uint8_t, 16> key;
  std::array<std::uint8_t, 12> iv;
  std::array<std::uint8_t, 16> header_key;
  friend bool operator==(const InitialKeys&, const InitialKeys&) = default;
};

//   thread  any, once made
class InitialKeySchedule {
 public:
  InitialKeySchedule() noexcept;

  //   cost  14 SHA-256 blocks, no allocation
  InitialKeys client_keys(QuicVersion version, const ConnectionId& first_destination) const noexcept;

 private:
  using Sha256State = std::array<std::uint32_t, 8>;
  // The hash's state behind the block of the inner, and of the outer, padded key.  RFC 2104 §2
  struct HmacKey {
    Sha256State inner, outer;
  };
  using Block = std::array<std::uint8_t, 64>;

  static HmacKey hmac_key(ByteView key) noexcept;
  static std::array<std::uint8_t, 32> hmac(const HmacKey& key, const Block& padded_message) noexcept;
  static Block pad(ByteView message) noexcept;
  static Block expand_block(const char* label, std::uint8_t length) noexcept;

  struct Labels {
    Block key, iv, header_key;
  };
  std::array<HmacKey, kQuicVersions> salts_;
  Block client_;
  std::array<Labels, kQuicVersions> labels_;
};

}  // namespace parapet::packet
