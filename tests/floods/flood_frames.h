// SPDX-License-Identifier: Apache-2.0
// Frames of attackers, each from another source, made without allocating: a template whose addresses, ports and
// checksums are written anew for every number.
#pragma once

#include <cstdint>
#include <cstring>

#include "packet/decode/internet_checksum.h"
#include "packet_builder.h"
#include "requests.h"

namespace parapet::floods {

// The n-th source, no two alike below 2^40; 198.18/15 is set aside for such tests (RFC 2544 §C.2.2).
inline std::uint64_t scatter(std::uint64_t n) noexcept { return n * 0x9e3779b97f4a7c15 >> 20; }

// One kind of frame, IPv4 behind Ethernet without tags, from the subscriber's side.
class FloodFrame {
 public:
  explicit FloodFrame(support::Bytes frame) : template_(std::move(frame)) {}

  std::size_t size() const noexcept { return template_.size(); }
  // Writes the n-th frame of the flood; `out` holds size() bytes.
  void write(std::uint64_t n, std::uint8_t* out) const noexcept {
    std::memcpy(out, template_.data(), template_.size());
    const std::uint64_t spread = scatter(n);
    std::uint8_t* ip = out + kIpOffset;
    ip[12] = 198;
    ip[13] = static_cast<std::uint8_t>(18 | (spread & 1));
    store_be16(ip + 14, static_cast<std::uint16_t>(spread >> 1));
    store_be16(ip + 4, static_cast<std::uint16_t>(n));  // identification
    store_be16(ip + 10, 0);
    packet::InternetSum header;
    header.add({ip, 20});
    store_be16(ip + 10, header.checksum());
    if ((load_be16(ip + 6) & 0x3fff) != 0) return;  // a fragment: no checksum of the whole fits in it
    std::uint8_t* l4 = ip + 20;
    store_be16(l4, static_cast<std::uint16_t>(1024 + (spread >> 17) % 60000));
    const bool is_tcp = ip[9] == 6;
    if (is_tcp) store_be32(l4 + 4, static_cast<std::uint32_t>(spread));
    std::uint8_t* checksum = l4 + (is_tcp ? 16 : 6);
    store_be16(checksum, 0);
    packet::InternetSum sum;
    const std::size_t length = load_be16(ip + 2) - std::size_t{20};
    sum.add({ip + 12, 8});
    sum.add_be16(ip[9]);
    sum.add_be16(static_cast<std::uint32_t>(length));
    sum.add({l4, length});
    store_be16(checksum, sum.checksum());
  }

 private:
  static constexpr std::size_t kIpOffset = 14;
  support::Bytes template_;
};

inline FloodFrame spoofed_syn() { return FloodFrame(support::PacketBuilder({}).mss(1460).tcp(1, 0, packet::kTcpSyn)); }
// The first part of a TLS hello that never goes on; its name is a listed one.
inline FloodFrame half_hello() {
  support::Bytes hello = support::client_hello("listed.example.test", 300);
  hello.resize(hello.size() / 2);
  return FloodFrame(support::PacketBuilder({}).payload(hello).tcp(1, 1, packet::kTcpAck));
}

}  // namespace parapet::floods
