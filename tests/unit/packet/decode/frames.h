// SPDX-License-Identifier: Apache-2.0
// Frames for the decoder's tests, written byte by byte, with a checksum computed in the plainest way.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/bytes.h"

namespace parapet::packet::frames {

using Bytes = std::vector<std::uint8_t>;

inline Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}
inline std::uint8_t high(std::size_t value) { return static_cast<std::uint8_t>(value >> 8); }
inline std::uint8_t low(std::size_t value) { return static_cast<std::uint8_t>(value); }

inline std::uint16_t plain_checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256U : bytes[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}
inline void put_checksum(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = high(value);
  bytes[at + 1] = low(value);
}

inline const Bytes kClient4{192, 0, 2, 10}, kServer4{198, 51, 100, 20};
inline const Bytes kClient6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10};
inline const Bytes kServer6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20};
inline constexpr std::uint8_t kTcp = 6, kUdp = 17;

inline Bytes ethernet(std::uint16_t type, const Bytes& payload) {
  return join({{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, high(type), low(type)}, payload});
}
inline Bytes tag(std::uint16_t type, const Bytes& payload) { return join({{0, 100, high(type), low(type)}, payload}); }

inline Bytes ipv4(std::uint8_t protocol, const Bytes& payload, const Bytes& options = {},
                  std::uint16_t fragment_field = 0) {
  const std::size_t header = 20 + options.size(), total = header + payload.size();
  Bytes ip = join({{static_cast<std::uint8_t>(0x40 | header / 4), 0, high(total), low(total), 0, 1,
                    high(fragment_field), low(fragment_field), 64, protocol, 0, 0},
                   kClient4,
                   kServer4,
                   options});
  put_checksum(ip, 10, plain_checksum(ip));
  return join({ip, payload});
}
inline Bytes ipv6(std::uint8_t next, const Bytes& payload) {
  return join({{0x60, 0, 0, 0, high(payload.size()), low(payload.size()), next, 64}, kClient6, kServer6, payload});
}

inline Bytes pseudo_header(bool v4, std::uint8_t protocol, std::size_t length) {
  return v4 ? join({kClient4, kServer4, {0, protocol, high(length), low(length)}})
            : join({kClient6, kServer6, {0, 0, high(length), low(length), 0, 0, 0, protocol}});
}
inline Bytes tcp(const Bytes& payload, bool v4 = true, std::uint8_t flags = 0x18, const Bytes& options = {}) {
  const std::size_t header = 20 + options.size();
  Bytes segment = join({{0x9c,
                         0x40,
                         0,
                         80,
                         0x11,
                         0x22,
                         0x33,
                         0x44,
                         0x55,
                         0x66,
                         0x77,
                         0x88,
                         static_cast<std::uint8_t>(header / 4 << 4),
                         flags,
                         0x20,
                         0x10,
                         0,
                         0,
                         0,
                         0},
                        options,
                        payload});
  put_checksum(segment, 16, plain_checksum(join({pseudo_header(v4, kTcp, segment.size()), segment})));
  return segment;
}
inline Bytes udp(const Bytes& payload, bool v4 = true) {
  const std::size_t length = 8 + payload.size();
  Bytes datagram = join({{0x9c, 0x41, 0, 53, high(length), low(length), 0, 0}, payload});
  put_checksum(datagram, 6, plain_checksum(join({pseudo_header(v4, kUdp, length), datagram})));
  return datagram;
}

}  // namespace parapet::packet::frames
