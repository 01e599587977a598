// SPDX-License-Identifier: Apache-2.0
// Carriers for tests: puts what an Ethernet frame holds into MPLS, PPPoE, GRE, IP, VXLAN, GTP-U and back on Ethernet.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "packet_builder.h"
#include "support_bytes.h"

namespace parapet::support {

// What stands behind an Ethernet header and its tags.
struct Carried {
  std::uint16_t type;
  Bytes bytes;
  bool from_server = false;
};

inline Carried carried(const Bytes& frame, bool from_server = false) {
  std::size_t at = 12;
  while (load_be16(frame.data() + at) == 0x8100 || load_be16(frame.data() + at) == 0x88a8) at += 4;
  return {
      load_be16(frame.data() + at), {frame.begin() + static_cast<std::ptrdiff_t>(at) + 2, frame.end()}, from_server};
}

inline Bytes on_ethernet(const Carried& inner, std::initializer_list<std::uint16_t> vlans = {}) {
  const Bytes client{2, 0, 0, 0, 0, 1}, server{2, 0, 0, 0, 0, 2};
  Bytes frame;
  append(frame, inner.from_server ? client : server);
  append(frame, inner.from_server ? server : client);
  for (const std::uint16_t vlan : vlans) {
    append_be16(frame, 0x8100);
    append_be16(frame, vlan);
  }
  append_be16(frame, inner.type);
  append(frame, inner.bytes);
  return frame;
}

inline Carried with_header(std::uint16_t type, Bytes header, const Carried& inner) {
  append(header, inner.bytes);
  return {type, std::move(header), inner.from_server};
}

inline Carried in_outer_ipv4(std::uint8_t protocol, const Bytes& payload, bool from_server) {
  Bytes ip{0x45, 0, 0, 0, 0, 9, 0, 0, 64, protocol, 0, 0, 203, 0, 113, 1, 203, 0, 113, 2};
  if (from_server) std::swap(ip[15], ip[19]);
  store_be16(ip.data() + 2, static_cast<std::uint16_t>(20 + payload.size()));
  store_be16(ip.data() + 10, internet_checksum({ip}));
  append(ip, payload);
  return {0x0800, std::move(ip), from_server};
}
inline Carried in_outer_ipv6(std::uint8_t protocol, const Bytes& payload, bool from_server) {
  Bytes ip{0x60, 0, 0, 0, 0, 0, protocol, 64};
  store_be16(ip.data() + 4, static_cast<std::uint16_t>(payload.size()));
  for (const std::uint8_t last : from_server ? Bytes{2, 1} : Bytes{1, 2}) {
    append(ip, Bytes{0x20, 1, 0xd, 0xb8, 0, 0xf, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
  }
  append(ip, payload);
  return {0x86dd, std::move(ip), from_server};
}

// A UDP datagram; its checksum is right where it is wanted, else 0.
inline Carried in_outer_udp(std::uint16_t port, const Bytes& payload, bool from_server, bool v6, bool with_checksum) {
  Bytes udp(8);
  store_be16(udp.data(), 40404);
  store_be16(udp.data() + 2, port);
  store_be16(udp.data() + 4, static_cast<std::uint16_t>(8 + payload.size()));
  append(udp, payload);
  const auto in_ip = [&] { return v6 ? in_outer_ipv6(17, udp, from_server) : in_outer_ipv4(17, udp, from_server); };
  if (with_checksum) {
    const Carried unfinished = in_ip();
    Bytes pseudo{0, 17, 0, 0};
    store_be16(pseudo.data() + 2, static_cast<std::uint16_t>(udp.size()));
    const ByteView addresses = ByteView{unfinished.bytes}.subspan(v6 ? 8 : 12, v6 ? 32 : 8);
    store_be16(udp.data() + 6, internet_checksum({addresses, pseudo, udp}));
  }
  return in_ip();
}

inline Carried in_snap(const Carried& inner) {
  Bytes llc{0xaa, 0xaa, 3, 0, 0, 0};
  append_be16(llc, inner.type);
  append(llc, inner.bytes);
  return {static_cast<std::uint16_t>(llc.size()), std::move(llc), inner.from_server};
}

inline Bytes label_stack(unsigned labels) {
  Bytes stack;
  for (unsigned i = 1; i <= labels; ++i) {
    append(stack, Bytes{0, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i == labels ? 0x11 : 0x10), 60});
  }
  return stack;
}
inline Carried in_mpls(const Carried& inner, unsigned labels = 1) {
  return with_header(0x8847, label_stack(labels), inner);
}
inline Carried in_pseudowire(const Carried& inner) {
  Bytes header = label_stack(2);
  append(header, Bytes{0, 0, 0, 7});  // the control word
  append(header, on_ethernet(inner, {5}));
  return {0x8847, std::move(header), inner.from_server};
}

inline Bytes ppp(const Carried& inner) {
  Bytes frame{0, static_cast<std::uint8_t>(inner.type == 0x0800 ? 0x21 : 0x57)};
  append(frame, inner.bytes);
  return frame;
}
inline Carried in_pppoe(const Carried& inner) {
  const Bytes frame = ppp(inner);
  Bytes header{0x11, 0, 0x12, 0x34};
  append_be16(header, static_cast<std::uint16_t>(frame.size()));
  append(header, frame);
  return {0x8864, std::move(header), inner.from_server};
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
inline Carried in_gre(const Carried& inner, std::uint8_t flags = 0) {
  return in_outer_ipv4(47, gre(flags, inner.type, inner.bytes), inner.from_server);
}
inline Carried in_gre_ethernet(const Carried& inner, std::uint8_t flags = kGreKey) {
  return in_outer_ipv4(47, gre(flags, 0x6558, on_ethernet(inner)), inner.from_server);
}
// PPTP: GRE version 1 with call number, sequence and acknowledgement, and PPP whose first two bytes are all there.
inline Carried in_pptp(const Carried& inner) {
  Bytes frame{0xff, 3};
  append(frame, ppp(inner));
  Bytes packet{0x30, 0x81, 0x88, 0x0b};
  append_be16(packet, static_cast<std::uint16_t>(frame.size()));
  append(packet, Bytes{0, 9, 0, 0, 0, 1, 0, 0, 0, 2});
  append(packet, frame);
  return in_outer_ipv4(47, packet, inner.from_server);
}

inline Carried in_ipv4(const Carried& inner) {
  return in_outer_ipv4(inner.type == 0x0800 ? 4 : 41, inner.bytes, inner.from_server);
}
inline Carried in_ipv6(const Carried& inner) {
  return in_outer_ipv6(inner.type == 0x0800 ? 4 : 41, inner.bytes, inner.from_server);
}

inline Carried in_vxlan(const Carried& inner, std::uint32_t vni = 42, std::uint16_t port = 4789, bool v6 = false,
                        bool with_checksum = false) {
  Bytes packet{8, 0, 0, 0, 0, 0, 0, 0};
  store_be32(packet.data() + 4, vni << 8);
  append(packet, on_ethernet(inner));
  return in_outer_udp(port, packet, inner.from_server, v6, with_checksum);
}

// `optional` holds what follows the eight bytes: sequence, N-PDU, next extension, and the extensions.
inline Carried in_gtp_u(const Carried& inner, std::uint8_t flags = 0, const Bytes& optional = {}, bool v6 = false,
                        bool with_checksum = false) {
  Bytes packet{static_cast<std::uint8_t>(0x30 | flags), 255, 0, 0, 0, 0, 0x12, 0x34};
  append(packet, optional);
  append(packet, inner.bytes);
  store_be16(packet.data() + 2, static_cast<std::uint16_t>(packet.size() - 8));
  return in_outer_udp(2152, packet, inner.from_server, v6, with_checksum);
}

// Every carrier once, in the forms that differ.
struct NamedCarrier {
  std::string name;
  std::function<Carried(const Carried&)> put_in;
  bool sequenced = false;  // numbers its packets
};
inline const std::vector<NamedCarrier>& all_carriers() {
  static const std::vector<NamedCarrier> carriers{
      {"mpls", [](const Carried& c) { return in_mpls(c); }},
      {"five labels", [](const Carried& c) { return in_mpls(c, 5); }},
      {"pseudowire", in_pseudowire},
      {"pppoe", in_pppoe},
      {"gre", [](const Carried& c) { return in_gre(c); }},
      {"gre with checksum", [](const Carried& c) { return in_gre(c, kGreChecksum); }},
      {"gre with key", [](const Carried& c) { return in_gre(c, kGreKey); }},
      {"gre with all", [](const Carried& c) { return in_gre(c, kGreChecksum | kGreKey | kGreSequence); }, true},
      {"gre with ethernet", [](const Carried& c) { return in_gre_ethernet(c); }},
      {"gre with mpls",
       [](const Carried& c) { return in_outer_ipv4(47, gre(0, 0x8847, in_mpls(c, 2).bytes), c.from_server); }},
      {"pptp", in_pptp, true},
      {"ipv4", in_ipv4},
      {"ipv6", in_ipv6},
      {"vxlan", [](const Carried& c) { return in_vxlan(c); }},
      {"vxlan on linux' port", [](const Carried& c) { return in_vxlan(c, 42, 8472); }},
      {"vxlan over ipv6", [](const Carried& c) { return in_vxlan(c, 42, 4789, true, true); }},
      {"gtp-u", [](const Carried& c) { return in_gtp_u(c); }},
      {"gtp-u with checksum", [](const Carried& c) { return in_gtp_u(c, 0, {}, false, true); }},
      {"gtp-u with sequence", [](const Carried& c) { return in_gtp_u(c, 2, {0, 1, 0, 0}); }, true},
      {"gtp-u with extensions",
       [](const Carried& c) {
         return in_gtp_u(c, 4, {0, 0, 0, 0x85, 1, 0x10, 9, 0x40, 2, 0, 0, 0, 0, 0, 0, 0}, true, true);
       }},
  };
  return carriers;
}

}  // namespace parapet::support
