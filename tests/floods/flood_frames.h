// SPDX-License-Identifier: Apache-2.0
// Frames of attackers, each from another source, made without allocating: a template whose addresses, ports and
// checksums are written anew for every number.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "fragment_builder.h"
#include "packet/decode/internet_checksum.h"
#include "packet_builder.h"
#include "quic_builder.h"
#include "requests.h"

namespace parapet::floods {

// The n-th source, no two alike below 2^40; 198.18/15 is set aside for such tests (RFC 2544 §C.2.2).
inline std::uint64_t scatter(std::uint64_t n) noexcept { return n * 0x9e3779b97f4a7c15 >> 20; }

// One kind of frame, IPv4 behind Ethernet without tags, from the subscriber's side.
class FloodFrame {
 public:
  explicit FloodFrame(support::Bytes frame) : templates_{std::move(frame)} {}
  // Several, in turn, all of one length.
  explicit FloodFrame(std::vector<support::Bytes> frames) : templates_(std::move(frames)) {}

  std::size_t size() const noexcept { return templates_[0].size(); }
  // Writes the n-th frame of the flood; `out` holds size() bytes.
  void write(std::uint64_t n, std::uint8_t* out) const noexcept {
    std::memcpy(out, templates_[n % templates_.size()].data(), size());
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
  std::vector<support::Bytes> templates_;
};

inline FloodFrame spoofed_syn() { return FloodFrame(support::PacketBuilder({}).mss(1460).tcp(1, 0, packet::kTcpSyn)); }
// The first part of a TLS hello that never goes on; its name is a listed one.
inline FloodFrame half_hello() {
  support::Bytes hello = support::client_hello("listed.example.test", 300);
  hello.resize(hello.size() / 2);
  return FloodFrame(support::PacketBuilder({}).payload(hello).tcp(1, 1, packet::kTcpAck));
}

// The first part of a query whose rest never comes.
inline FloodFrame first_fragment() {
  const support::Ends ends{"192.0.2.10", "198.51.100.20", 40000, 53};
  const support::Bytes query =
      support::PacketBuilder(ends).payload(support::dns_query({"www.listed.example.test"})).udp();
  return FloodFrame(support::fragment(query, {0, 40, true}));
}

// Initials that open, each with half a hello for a listed name, of many connections.
inline FloodFrame forged_initial() {
  support::Bytes hello = support::TlsHello().padding(300).server_name("listed.example.test").message();
  hello.resize(hello.size() / 2);
  std::vector<support::Bytes> frames;
  for (std::uint64_t id = 1; id <= 256; ++id) {
    const support::Bytes initial = support::QuicInitial(support::quic_id(id)).crypto(0, hello).padded_to(1200).seal();
    frames.push_back(support::PacketBuilder({"192.0.2.10", "198.51.100.20", 40000, 443}).payload(initial).udp());
  }
  return FloodFrame(std::move(frames));
}
// Initials that do not open: each costs the keys and a look.
inline FloodFrame broken_initial() {
  const support::Bytes initial = support::QuicInitial(support::quic_id(9)).ping().bad_tag().padded_to(1200).seal();
  return FloodFrame(support::PacketBuilder({"192.0.2.10", "198.51.100.20", 40000, 443}).payload(initial).udp());
}

}  // namespace parapet::floods
