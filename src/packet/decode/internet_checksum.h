// SPDX-License-Identifier: Apache-2.0
// The ones' complement sum of IP, TCP and UDP, eight bytes at a time.  RFC 1071 §2.
//
// The sum is kept in the byte order of memory: RFC 1071 §2 (B) lets words be added in either order, and "all ones" and
// "zero" look the same in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace parapet::packet {

// Adds up bytes; pieces may be added in any number as long as each but the last has an even length.
//   limit   2 GiB of bytes per sum
//   thread  any, one owner
class InternetSum {
 public:
  void add(ByteView bytes) noexcept {
    const std::uint8_t* p = bytes.data();
    std::size_t left = bytes.size();
    if (left >= sizeof(Lanes)) {
      Lanes even{}, odd{};
      do {
        Lanes lanes;
        std::memcpy(&lanes, p, sizeof lanes);
        even += lanes & 0xffffffffU;
        odd += lanes >> 32;
        p += sizeof lanes;
        left -= sizeof lanes;
      } while (left >= sizeof(Lanes));
      even += odd;
      sum_ += even[0] + even[1];
    }
    while (left >= 4) {
      add_word(p);
      p += 4;
      left -= 4;
    }
    if (left > 0) {
      std::uint8_t last[4] = {};
      std::memcpy(last, p, left);
      add_word(last);
    }
  }
  // A 16-bit number in host byte order.
  void add_be16(std::uint32_t value) noexcept { sum_ += __builtin_bswap16(static_cast<std::uint16_t>(value)); }

  // The sum folded to 16 bits, in memory's byte order. 0xffff over bytes that hold their checksum: it fits.
  std::uint16_t folded() const noexcept {
    std::uint64_t sum = (sum_ & 0xffffffffU) + (sum_ >> 32);
    sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
  }
  // The checksum to be written, in host byte order (store_be16 puts it on the wire).
  std::uint16_t checksum() const noexcept { return static_cast<std::uint16_t>(~__builtin_bswap16(folded())); }

 private:
  using Lanes = std::uint64_t __attribute__((vector_size(16)));

  void add_word(const std::uint8_t* p) noexcept {
    std::uint32_t word;
    std::memcpy(&word, p, sizeof word);
    sum_ += word;
  }

  std::uint64_t sum_ = 0;
};

// Makes an IPv4 header's checksum right.  RFC 791 §3.1
//   REQUIRES the header is there, as long as its first byte says
inline void renew_ipv4_checksum(std::uint8_t* header) noexcept {
  store_be16(header + 10, 0);
  InternetSum sum;
  sum.add({header, static_cast<std::size_t>(header[0] & 0x0f) * 4});
  store_be16(header + 10, sum.checksum());
}

}  // namespace parapet::packet
