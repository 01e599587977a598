// SPDX-License-Identifier: Apache-2.0
// From link layer to TCP or UDP, through tags and carriers: where things are in one frame. Nothing is believed that was
// not checked.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"
#include "packet/decode/layers.h"

namespace parapet::packet {

enum class LinkType : std::uint8_t {
  ethernet,        // DLT_EN10MB
  raw_ip,          // DLT_RAW, DLT_IPV4, DLT_IPV6: the first nibble is the version
  linux_sll,       // DLT_LINUX_SLL
  linux_sll2,      // DLT_LINUX_SLL2
  null_loop,       // DLT_NULL, DLT_LOOP
  ppp,             // DLT_PPP, DLT_PPP_SERIAL, DLT_C_HDLC
  pppoe,           // DLT_PPP_ETHER: a session's header comes first
  whole_datagram,  // an IP packet put together from fragments, without what carried them: no frame can be made of it
};
inline constexpr unsigned kLinkTypes = 8;

inline constexpr std::uint8_t kProtocolIpv4 = 4, kProtocolTcp = 6, kProtocolUdp = 17, kProtocolIpv6 = 41,
                              kProtocolGre = 47, kProtocolMpls = 137;

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
  not_ip,           // ARP, LLDP, ... or an unknown type
  other_protocol,   // ICMP, OSPF, ESP, ... or a carrier of unknown form
  fragment,         // IPv4 or IPv6 fragment other than an atomic one; no ports are read
  too_deep,         // carriers stacked deeper than was asked for
  long_chain,       // an IPv6 extension chain over 8 headers or 512 bytes
  invalid_headers,  // IPv6 headers in an order that every end refuses
  malformed,        // lengths that contradict each other; IPv4 header checksum wrong
};

// The VLANs of a frame, outermost first; tags inside of carriers are not among them.
inline constexpr unsigned kMaxTags = 4;
struct TagStack {
  std::array<std::uint16_t, kMaxTags> vlans;
  std::uint8_t count;

  void push(std::uint16_t tag_control) noexcept { vlans[count++] = tag_control & 0x0fff; }
};

// What the headers around the packet ask of whoever alters it or sends one of his own in its place.
struct CarrierMarks {
  bool lengths;    // some hold lengths that follow the packet's
  bool checksums;  // some hold checksums over the packet
  bool sequenced;  // packets are numbered: one more would be taken for an old one
  bool sealed;     // an authentication header covers the packet: nothing in it can be altered
};

// One part of a datagram that was sent in several.
struct FragmentPart {
  std::uint32_t identification;
  std::uint16_t offset;         // of its data, in bytes
  std::uint16_t header_length;  // what counts against 65,535 beside the data: IPv4's header, IPv6's extensions before
  std::uint8_t protocol;        // IPv6: of the first fragment alone it counts
  bool more;
};

inline constexpr std::uint32_t kNoVni = 0xffffffff;

// Offsets count from the frame's first byte. All of headers and payload lie inside the frame, by IP's length, not the
// frame's: bytes behind it are trailer. Of a packet in carriers everything but tags and vni is of the innermost packet.
struct Decoded {
  DecodeOutcome outcome;
  LinkType link;
  std::uint16_t ip_offset;
  std::uint16_t l4_offset;
  std::uint16_t payload_offset;  // of a fragment: of its data
  std::uint32_t payload_length;
  FlowAddresses flow;

  std::uint8_t carriers;  // how many are around it
  CarrierMarks marks;
  TagStack tags;
  std::uint32_t vni;  // of the outermost VXLAN; kNoVni

  // fragment only
  FragmentPart fragment;

  // TCP only
  std::uint32_t seq;
  std::uint32_t ack;
  std::uint8_t flags;  // kTcp*
  std::uint16_t window;
  std::uint16_t mss;  // of the option on a SYN; 0: none
};

inline constexpr std::uint8_t kTcpFin = 0x01, kTcpSyn = 0x02, kTcpRst = 0x04, kTcpPsh = 0x08, kTcpAck = 0x10,
                              kTcpUrg = 0x20;

// Reads headers: Ethernet with up to 4 tags 802.1Q/802.1ad or LLC/SNAP; the carriers MPLS, PPPoE, GRE, IP in IP, VXLAN
// (UDP ports 4789 and 8472) and GTP-U (2152), in any order; IPv4 with options, IPv6 with up to 8 extension headers,
// TCP, UDP.  RFC 791 §3.1, RFC 8200 §4, RFC 9293 §3.1, RFC 768; carriers.h
//   in      one frame; may be cut anywhere
//   out     written whole
//   depth   how many carriers are followed, at most kMaxCarriers; an MPLS stack is one, tags are none
//   trail   where it is there, the headers that hold lengths and checksums are written to it, the innermost IP last;
//           also those of a frame that is then found malformed
//   cost    no allocation, payload untouched;  thread: any
void decode_packet(ByteView frame, LinkType link, Decoded& out, unsigned depth = kMaxCarriers,
                   LayerTrail* trail = nullptr) noexcept;

inline Decoded decode_packet(ByteView frame, LinkType link, unsigned depth = kMaxCarriers,
                             LayerTrail* trail = nullptr) noexcept {
  Decoded out;
  decode_packet(frame, link, out, depth, trail);
  return out;
}

// Whether the TCP or UDP checksum fits the bytes (a UDP checksum of 0 over IPv4 fits), and those of carriers around it.
// Touches the whole payload.
//   REQUIRES outcome tcp or udp
bool checksum_fits(ByteView frame, const Decoded& decoded) noexcept;

}  // namespace parapet::packet
