// SPDX-License-Identifier: Apache-2.0
// From link layer to TCP or UDP: where things are in one frame. Nothing is believed that was not checked.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"

namespace parapet::packet {

enum class LinkType : std::uint8_t {
  ethernet,    // DLT_EN10MB
  raw_ip,      // DLT_RAW, DLT_IPV4, DLT_IPV6: the first nibble is the version
  linux_sll,   // DLT_LINUX_SLL
  linux_sll2,  // DLT_LINUX_SLL2
  null_loop,   // DLT_NULL, DLT_LOOP
};

// The two ends in the order of the frame. IPv4 addresses stand mapped (::ffff:a.b.c.d) so that there is one form.
struct FlowAddresses {
  std::array<std::uint8_t, 16> source;
  std::array<std::uint8_t, 16> destination;
  std::uint16_t source_port;  // host byte order
  std::uint16_t destination_port;
  bool is_ipv4;
};

enum class DecodeOutcome : std::uint8_t {
  tcp,
  udp,
  not_ip,          // ARP, LLDP, ... or an unknown type
  other_protocol,  // ICMP, OSPF, ESP, ...
  fragment,        // IPv4 or IPv6 fragment other than an atomic one; no ports are read
  malformed,       // lengths that contradict each other; IPv4 header checksum wrong
};

// Offsets count from the frame's first byte. All of headers and payload lie inside the frame, by IP's length, not the
// frame's: bytes behind it are trailer.
struct Decoded {
  DecodeOutcome outcome;
  std::uint16_t ip_offset;
  std::uint16_t l4_offset;
  std::uint16_t payload_offset;
  std::uint32_t payload_length;
  FlowAddresses flow;

  // TCP only
  std::uint32_t seq;
  std::uint32_t ack;
  std::uint8_t flags;  // kTcp*
  std::uint16_t window;
  std::uint16_t mss;  // of the option on a SYN; 0: none
};

inline constexpr std::uint8_t kTcpFin = 0x01, kTcpSyn = 0x02, kTcpRst = 0x04, kTcpPsh = 0x08, kTcpAck = 0x10,
                              kTcpUrg = 0x20;

// Reads headers: Ethernet with up to 4 tags 802.1Q/802.1ad, IPv4 with options, IPv6 with up to 8 extension headers,
// TCP, UDP.  RFC 791 §3.1, RFC 8200 §4, RFC 9293 §3.1, RFC 768.
//   in      one frame; may be cut anywhere
//   cost    no allocation, payload untouched;  thread: any
Decoded decode_packet(ByteView frame, LinkType link) noexcept;

// Whether the TCP or UDP checksum fits the bytes (a UDP checksum of 0 over IPv4 fits). Touches the whole payload.
//   REQUIRES outcome tcp or udp
bool checksum_fits(ByteView frame, const Decoded& decoded) noexcept;

}  // namespace parapet::packet
