// SPDX-License-Identifier: Apache-2.0
// Every carrier in all forms that a decoder must tell apart, around the packet of a plain Ethernet frame.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "carriers.h"
#include "packet_builder.h"
#include "support_bytes.h"

namespace parapet::support {

inline Way way_of(Side side) { return side == Side::subscriber ? Way::up : Way::down; }

// What stands behind the Ethernet header of a frame, and its tags.
inline Carried carried(const Bytes& frame) {
  std::size_t at = 12;
  while (load_be16(frame.data() + at) == 0x8100 || load_be16(frame.data() + at) == 0x88a8) at += 4;
  return {load_be16(frame.data() + at), {frame.begin() + static_cast<std::ptrdiff_t>(at) + 2, frame.end()}};
}
// And back, behind these VLANs, outermost first.
inline Bytes on_ethernet(Carried inner, std::initializer_list<std::uint16_t> vlans = {}, Way way = Way::up) {
  for (const std::uint16_t* vlan = vlans.end(); vlan != vlans.begin();) inner = tagged(inner, 0x8100, *--vlan);
  return ethernet(inner, way).bytes;
}

// A UDP datagram between the ends of a tunnel; its checksum is right where it is wanted, else 0.
struct OuterUdp {
  std::uint16_t port;
  bool v6 = false;
  bool with_checksum = false;
};
inline Carried in_outer_udp(const OuterUdp& outer, const Bytes& payload, Way way = Way::up) {
  Bytes udp(8);
  store_be16(udp.data(), 40404);
  store_be16(udp.data() + 2, outer.port);
  store_be16(udp.data() + 4, static_cast<std::uint16_t>(8 + payload.size()));
  append(udp, payload);
  if (outer.with_checksum) {
    const Carried unfinished = tunnelled(kIpUdp, udp, outer.v6, way);
    Bytes pseudo{0, kIpUdp};
    append_be16(pseudo, udp.size());
    const ByteView addresses = ByteView{unfinished.bytes}.subspan(outer.v6 ? 8 : 12, outer.v6 ? 32 : 8);
    store_be16(udp.data() + 6, internet_checksum({addresses, pseudo, udp}));
  }
  return tunnelled(kIpUdp, udp, outer.v6, way);
}

// GRE over IPv4 with the wanted ones of checksum, key and sequence number.
inline constexpr std::uint8_t kGreChecksum = 0x80, kGreKey = 0x20, kGreSequence = 0x10;
inline Bytes gre(std::uint8_t flags, std::uint16_t type, const Bytes& payload) {
  Bytes packet{flags, 0};
  append_be16(packet, type);
  if ((flags & kGreChecksum) != 0) append(packet, Bytes{0, 0, 0, 0});
  if ((flags & kGreKey) != 0) append(packet, Bytes{0, 0, 0, 77});
  if ((flags & kGreSequence) != 0) append(packet, Bytes{0, 0, 0, 1});
  append(packet, payload);
  if ((flags & kGreChecksum) != 0) store_be16(packet.data() + 4, internet_checksum({packet}));
  return packet;
}
inline Carried in_gre(const Carried& inner, std::uint8_t flags = 0, Way way = Way::up) {
  return tunnelled(kIpGre, gre(flags, inner.type, inner.bytes), false, way);
}
// PPTP: GRE version 1 with call number, sequence and acknowledgement, and PPP that leaves nothing out.
inline Carried in_pptp(const Carried& inner, Way way = Way::up) {
  Bytes frame{0xff, 3};
  append_be16(frame, inner.type == kTypeIpv4 ? 0x0021 : 0x0057);
  append(frame, inner.bytes);
  Bytes packet{0x30, 0x81, 0x88, 0x0b};
  append_be16(packet, frame.size());
  append(packet, Bytes{0, 9, 0, 0, 0, 1, 0, 0, 0, 2});
  append(packet, frame);
  return tunnelled(kIpGre, packet, false, way);
}

inline Carried in_vxlan(const Carried& inner, std::uint32_t vni = 42, const OuterUdp& outer = {4789},
                        Way way = Way::up) {
  Bytes packet{8, 0, 0, 0, 0, 0, 0, 0};
  store_be32(packet.data() + 4, vni << 8);
  append(packet, ethernet(inner, way).bytes);
  return in_outer_udp(outer, packet, way);
}

// `optional` holds what follows the eight bytes: sequence, N-PDU, next extension, and the extensions.
inline Carried in_gtp_u(const Carried& inner, std::uint8_t flags = 0, const Bytes& optional = {},
                        const OuterUdp& outer = {2152}, Way way = Way::up) {
  Bytes packet{static_cast<std::uint8_t>(0x30 | flags), 255};
  append_be16(packet, optional.size() + inner.bytes.size());
  append(packet, Bytes{0, 0, 0x12, 0x34});
  append(packet, optional);
  append(packet, inner.bytes);
  return in_outer_udp(outer, packet, way);
}

struct NamedCarrier {
  std::string name;
  std::function<Carried(const Carried&, Way)> put;
  bool sequenced = false;  // numbers its packets

  Carried put_in(const Carried& inner, Way way = Way::up) const { return put(inner, way); }
};
inline const std::vector<NamedCarrier>& all_carriers() {
  static const std::vector<NamedCarrier> carriers{
      {"mpls", [](const Carried& c, Way) { return labelled(c, 1); }},
      {"five labels", [](const Carried& c, Way) { return labelled(c, 5); }},
      {"pseudowire", [](const Carried& c, Way way) { return pseudowire(tagged(c, 0x8100, 5), way); }},
      {"pppoe", [](const Carried& c, Way) { return pppoe(c); }},
      {"gre", [](const Carried& c, Way way) { return in_gre(c, 0, way); }},
      {"gre with checksum", [](const Carried& c, Way way) { return in_gre(c, kGreChecksum, way); }},
      {"gre with key", [](const Carried& c, Way way) { return in_gre(c, kGreKey, way); }},
      {"gre with all", [](const Carried& c, Way way) { return in_gre(c, kGreChecksum | kGreKey | kGreSequence, way); },
       true},
      {"gre with ethernet", [](const Carried& c, Way way) { return in_gre(ethernet(c, way), kGreKey, way); }},
      {"gre with mpls", [](const Carried& c, Way way) { return in_gre(labelled(c, 2), 0, way); }},
      {"pptp", in_pptp, true},
      {"ipv4", [](const Carried& c, Way way) { return ip_in_ip(c, false, way); }},
      {"ipv6", [](const Carried& c, Way way) { return ip_in_ip(c, true, way); }},
      {"mpls in ipv4", [](const Carried& c, Way way) { return tunnelled(kIpMpls, labelled(c, 2).bytes, false, way); }},
      {"mpls in ipv6", [](const Carried& c, Way way) { return tunnelled(kIpMpls, labelled(c, 1).bytes, true, way); }},
      {"vxlan", [](const Carried& c, Way way) { return in_vxlan(c, 42, {4789}, way); }},
      {"vxlan on linux' port", [](const Carried& c, Way way) { return in_vxlan(c, 42, {8472}, way); }},
      {"vxlan over ipv6", [](const Carried& c, Way way) { return in_vxlan(c, 42, {4789, true, true}, way); }},
      {"gtp-u", [](const Carried& c, Way way) { return in_gtp_u(c, 0, {}, {2152}, way); }},
      {"gtp-u with checksum", [](const Carried& c, Way way) { return in_gtp_u(c, 0, {}, {2152, false, true}, way); }},
      {"gtp-u with sequence", [](const Carried& c, Way way) { return in_gtp_u(c, 2, {0, 1, 0, 0}, {2152}, way); },
       true},
      {"gtp-u with extensions",
       [](const Carried& c, Way way) {
         return in_gtp_u(c, 4, {0, 0, 0, 0x85, 1, 0x10, 9, 0x40, 2, 0, 0, 0, 0, 0, 0, 0}, {2152, true, true}, way);
       }},
  };
  return carriers;
}

}  // namespace parapet::support
