// SPDX-License-Identifier: Apache-2.0
// Reading IP headers as Linux does.
#include "ip_reading.h"

#include "packet_builder.h"

namespace parapet::cases {
namespace {

constexpr std::uint8_t kHopByHop = 0, kIpInIp = 4, kUdp = 17, kIpv6InIp = 41, kRouting = 43, kFragment = 44, kGre = 47,
                       kDestination = 60;
constexpr std::uint16_t kVxlanPort = 4789, kGtpuPort = 2152;

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
ByteView from(ByteView bytes, std::size_t at) { return at < bytes.size() ? bytes.subspan(at) : ByteView{}; }

std::optional<IpReading> read_ipv4(ByteView packet) {
  if (packet.size() < 20) return {};
  const std::size_t header = std::size_t{packet[0] & 0x0fu} * 4, total = load_be16(packet.data() + 2);
  if (header < 20 || total < header || total > packet.size()) return {};
  if (support::internet_checksum({packet.first(header)}) != 0) return {};
  IpReading reading;
  reading.identification = load_be16(packet.data() + 4);
  const std::uint32_t where = load_be16(packet.data() + 6);
  reading.offset = (where & 0x1fff) * 8;
  reading.more = (where & 0x2000) != 0;
  reading.fragmented = reading.more || reading.offset != 0;
  reading.hop_limit = packet[8];
  reading.protocol = packet[9];
  reading.source = copy(packet.subspan(12, 4));
  reading.destination = copy(packet.subspan(16, 4));
  reading.payload = copy(packet.subspan(header, total - header));
  return reading;
}

std::optional<IpReading> read_ipv6(ByteView packet) {
  if (packet.size() < 40) return {};
  const std::size_t length = load_be16(packet.data() + 4);
  if (40 + length > packet.size()) return {};
  IpReading reading;
  reading.protocol = packet[6];
  reading.hop_limit = packet[7];
  reading.source = copy(packet.subspan(8, 16));
  reading.destination = copy(packet.subspan(24, 16));
  reading.payload = copy(packet.subspan(40, length));
  if (reading.protocol == kHopByHop) {  // only here (RFC 8200 §4.1)
    if (reading.payload.size() < 8) return {};
    const std::size_t header = (std::size_t{reading.payload[1]} + 1) * 8;
    if (header > reading.payload.size()) return {};
    reading.protocol = reading.payload[0];
    reading.payload = copy(from(reading.payload, header));
  }
  if (!pass_extensions(reading)) return {};
  return reading;
}

Bytes behind_tags(ByteView bytes, std::uint16_t type);

Bytes behind_ethernet(ByteView frame) {
  return frame.size() < 14 ? Bytes{} : behind_tags(frame.subspan(14), load_be16(frame.data() + 12));
}

Bytes behind_labels(ByteView bytes) {
  while (bytes.size() >= 4) {
    const bool last = (bytes[2] & 1) != 0;
    bytes = bytes.subspan(4);
    if (!last) continue;
    if (bytes.empty()) return {};
    const unsigned nibble = bytes[0] >> 4;
    if (nibble == 4 || nibble == 6) return copy(bytes);
    return behind_ethernet(from(bytes, 4));  // a pseudowire's control word
  }
  return {};
}

Bytes behind_tags(ByteView bytes, std::uint16_t type) {
  if (type == 0x0800 || type == 0x86dd) return copy(bytes);
  if (type == 0x8100 || type == 0x88a8) {
    return bytes.size() < 4 ? Bytes{} : behind_tags(bytes.subspan(4), load_be16(bytes.data() + 2));
  }
  if (type == 0x8847 || type == 0x8848) return behind_labels(bytes);
  if (type == 0x8864 && bytes.size() >= 8) {
    const std::size_t length = load_be16(bytes.data() + 4);
    if (length < 2 || 6 + length > bytes.size()) return {};
    return copy(bytes.subspan(8, length - 2));
  }
  if (type == 0x6558) return behind_ethernet(bytes);
  if (type <= 1500 && bytes.size() >= 8 && type <= bytes.size() && bytes[0] == 0xaa) {
    return behind_tags(bytes.subspan(8, type - std::size_t{8}), load_be16(bytes.data() + 6));
  }
  return {};
}

Bytes behind_gre(ByteView bytes) {
  if (bytes.size() < 4) return {};
  const std::uint8_t flags = bytes[0];
  if ((flags & 0x80) != 0 && support::internet_checksum({bytes}) != 0) return {};
  const std::size_t header =
      4 + ((flags & 0x80) != 0 ? 4u : 0u) + ((flags & 0x20) != 0 ? 4u : 0u) + ((flags & 0x10) != 0 ? 4u : 0u);
  return behind_tags(from(bytes, header), load_be16(bytes.data() + 2));
}

Bytes behind_gtpu(ByteView bytes) {
  if (bytes.size() < 8 || bytes[1] != 255) return {};
  const std::size_t length = load_be16(bytes.data() + 2);
  if (8 + length > bytes.size()) return {};
  std::size_t at = 8;
  if ((bytes[0] & 7) != 0) {
    if (length < 4) return {};
    at = 12;
    for (std::uint8_t next = bytes[11]; next != 0;) {
      if (at >= bytes.size() || bytes[at] == 0) return {};
      const std::size_t extension = std::size_t{bytes[at]} * 4;
      if (at + extension > bytes.size()) return {};
      next = bytes[at + extension - 1];
      at += extension;
    }
  }
  return copy(bytes.subspan(at, 8 + length - at));
}

Bytes behind_udp(const IpReading& outer) {
  const ByteView bytes{outer.payload};
  if (bytes.size() < 8) return {};
  const std::uint16_t port = load_be16(bytes.data() + 2);
  const std::size_t length = load_be16(bytes.data() + 4);
  if ((port != kVxlanPort && port != kGtpuPort) || length < 8 || length > bytes.size()) return {};
  const ByteView payload = bytes.subspan(8, length - 8);
  return port == kVxlanPort ? behind_ethernet(from(payload, 8)) : behind_gtpu(payload);
}

}  // namespace

std::optional<IpReading> read_ip(ByteView packet) {
  if (packet.empty()) return {};
  if (packet[0] >> 4 == 4) return read_ipv4(packet);
  if (packet[0] >> 4 == 6) return read_ipv6(packet);
  return {};
}

bool pass_extensions(IpReading& reading) {
  if (reading.source.size() != 16) return true;
  for (;;) {
    const ByteView rest{reading.payload};
    if (reading.protocol == kHopByHop) return false;
    if (reading.protocol != kRouting && reading.protocol != kDestination && reading.protocol != kFragment) return true;
    if (reading.fragmented && reading.offset != 0) return true;  // the middle of a datagram
    if (rest.size() < 8) return reading.fragmented;
    std::size_t header = (std::size_t{rest[1]} + 1) * 8;
    if (reading.protocol == kFragment) {
      header = 8;
      const std::uint32_t where = load_be16(rest.data() + 2);
      reading.offset = where & 0xfff8;
      reading.more = (where & 1) != 0;
      reading.fragmented = reading.more || reading.offset != 0;  // RFC 6946: else it is whole
      reading.identification = load_be32(rest.data() + 4);
    }
    if (header > rest.size()) return reading.fragmented;
    reading.protocol = rest[0];
    reading.payload = copy(rest.subspan(header));
    if (reading.fragmented) return true;  // what follows is read when the datagram is whole
  }
}

Bytes ip_packet_of(ByteView frame) { return behind_ethernet(frame); }

Bytes tunnelled_packet_of(const IpReading& outer) {
  switch (outer.protocol) {
    case kIpInIp:
    case kIpv6InIp: return outer.payload;
    case kGre: return behind_gre(outer.payload);
    case kUdp: return behind_udp(outer);
    default: return {};
  }
}

}  // namespace parapet::cases
