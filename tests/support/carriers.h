// SPDX-License-Identifier: Apache-2.0
// Frames that carry an IP packet in something else: tags, MPLS, PPPoE, tunnels, any of them in each other.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ip_packet.h"
#include "tcp_segment.h"

namespace parapet::support {

inline constexpr std::uint16_t kTypeIpv4 = 0x0800, kTypeIpv6 = 0x86dd, kTypeEthernet = 0x6558, kTypeMpls = 0x8847;

// Which way a frame goes: the carriers' own addresses follow it.
enum class Way : std::uint8_t { up, down };  // up: from the client

// What is carried, and the EtherType that says what it is.
struct Carried {
  std::uint16_t type;
  Bytes bytes;
};

inline Carried carried(const IpPacket& packet) { return {packet.is_ipv4() ? kTypeIpv4 : kTypeIpv6, packet.bytes()}; }
inline Carried ethernet(const Carried& inner, Way way) {
  const Bytes client{2, 0, 0, 0, 0, 1}, server{2, 0, 0, 0, 0, 2};
  Bytes frame = way == Way::up ? server : client;
  append(frame, way == Way::up ? client : server);
  append_be16(frame, inner.type);
  append(frame, inner.bytes);
  return {kTypeEthernet, frame};
}
inline Carried tagged(const Carried& inner, std::uint16_t type, std::uint16_t vlan) {
  Bytes bytes;
  append_be16(bytes, vlan);
  append_be16(bytes, inner.type);
  append(bytes, inner.bytes);
  return {type, bytes};
}
// RFC 3032 §2.1
inline Carried labelled(const Carried& inner, unsigned labels) {
  Bytes bytes;
  for (unsigned i = 0; i < labels; ++i) {
    append_be16(bytes, 0x0100 + i);
    bytes.insert(bytes.end(), {static_cast<std::uint8_t>(i + 1 == labels ? 1 : 0), 64});
  }
  append(bytes, inner.bytes);
  return {kTypeMpls, bytes};
}
// RFC 4448 §4: Ethernet over MPLS with the control word.
inline Carried pseudowire(const Carried& inner, Way way) {
  Carried frame{kTypeEthernet, Bytes(4)};
  append(frame.bytes, ethernet(inner, way).bytes);
  return labelled(frame, 2);
}
// RFC 2516 §4, RFC 1661 §2
inline Carried pppoe(const Carried& inner) {
  Bytes bytes{0x11, 0, 0x12, 0x34};
  append_be16(bytes, inner.bytes.size() + 2);
  append_be16(bytes, inner.type == kTypeIpv4 ? 0x0021 : 0x0057);
  append(bytes, inner.bytes);
  return {0x8864, bytes};
}
// IEEE 802.2 with SNAP in a frame whose type field is a length.
inline Carried llc_snap(const Carried& inner) {
  Bytes bytes{0xaa, 0xaa, 3, 0, 0, 0};
  append_be16(bytes, inner.type);
  append(bytes, inner.bytes);
  return {static_cast<std::uint16_t>(bytes.size()), bytes};
}

// An outer IP packet between the tunnel's two ends.
inline Carried tunnelled(std::uint8_t protocol, const Bytes& payload, bool v6, Way way) {
  const Bytes near = address_bytes(v6 ? "2001:db8:f::1" : "203.0.113.1");
  const Bytes far = address_bytes(v6 ? "2001:db8:f::2" : "203.0.113.2");
  IpPacket outer;
  outer.source = way == Way::up ? near : far;
  outer.destination = way == Way::up ? far : near;
  outer.protocol = protocol;
  outer.payload = payload;
  return carried(outer);
}
inline Carried ip_in_ip(const Carried& inner, bool v6, Way way) {
  return tunnelled(inner.type == kTypeIpv4 ? kIpInIp : kIpv6InIp, inner.bytes, v6, way);
}
// RFC 2784 §2.1, RFC 2890 §2; with checksum, key and sequence number where `full`.
inline Carried gre(const Carried& inner, bool full, Way way) {
  Bytes bytes{static_cast<std::uint8_t>(full ? 0xb0 : 0), 0};
  append_be16(bytes, inner.type);
  if (full) bytes.insert(bytes.end(), {0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9});
  append(bytes, inner.bytes);
  if (full) store_be16(bytes.data() + 4, internet_checksum({bytes}));
  return tunnelled(kIpGre, bytes, false, way);
}
inline Carried over_udp(std::uint16_t port, const Bytes& payload, Way way) {
  UdpDatagram datagram;
  datagram.source_port = 50000;
  datagram.destination_port = port;
  datagram.payload = payload;
  const Bytes near = address_bytes("203.0.113.1"), far = address_bytes("203.0.113.2");
  return tunnelled(kIpUdp, datagram.bytes(way == Way::up ? near : far, way == Way::up ? far : near), false, way);
}
// RFC 7348 §5
inline Carried vxlan(const Carried& inner, Way way) {
  Bytes bytes{8, 0, 0, 0, 0, 0, 42, 0};
  append(bytes, ethernet(inner, way).bytes);
  return over_udp(4789, bytes, way);
}
// 3GPP TS 29.281 §5.1: a G-PDU; with a sequence number and one extension header where `full`.
inline Carried gtpu(const Carried& inner, bool full, Way way) {
  Bytes rest;
  if (full) rest = {0, 1, 0, 0x85, 1, 0x10, 0, 0};
  append(rest, inner.bytes);
  Bytes bytes{static_cast<std::uint8_t>(full ? 0x36 : 0x30), 255};
  append_be16(bytes, rest.size());
  bytes.insert(bytes.end(), {0, 0, 0, 77});
  append(bytes, rest);
  return over_udp(2152, bytes, way);
}

inline Carried put_into(std::string_view carrier, const Carried& inner, Way way) {
  if (carrier == "vlan") return tagged(inner, 0x8100, 100);
  if (carrier == "qinq") return tagged(tagged(inner, 0x8100, 7), 0x88a8, 100);
  if (carrier == "mpls") return labelled(inner, 1);
  if (carrier == "mpls3") return labelled(inner, 3);
  if (carrier == "pseudowire") return pseudowire(inner, way);
  if (carrier == "pppoe") return pppoe(inner);
  if (carrier == "llc") return llc_snap(inner);
  if (carrier == "ip-in-ipv4") return ip_in_ip(inner, false, way);
  if (carrier == "ip-in-ipv6") return ip_in_ip(inner, true, way);
  if (carrier == "gre") return gre(inner, false, way);
  if (carrier == "gre-full") return gre(inner, true, way);
  if (carrier == "gre-ethernet") return gre(ethernet(inner, way), false, way);
  if (carrier == "vxlan") return vxlan(inner, way);
  if (carrier == "gtpu") return gtpu(inner, false, way);
  if (carrier == "gtpu-full") return gtpu(inner, true, way);
  throw std::invalid_argument("no carrier " + std::string(carrier));
}

// The whole frame; `carriers` from the outermost on.
inline Bytes frame_of(Carried inner, const std::vector<std::string>& carriers, Way way) {
  for (std::size_t i = carriers.size(); i-- > 0;) inner = put_into(carriers[i], inner, way);
  return ethernet(inner, way).bytes;
}

}  // namespace parapet::support
