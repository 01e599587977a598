// SPDX-License-Identifier: Apache-2.0
// IPv4, IPv6, TCP and UDP headers of one frame.
#include "packet/decode/decode.h"

#include <cstring>

#include "packet/decode/internet_checksum.h"
#include "packet/decode/link_layer.h"

namespace parapet::packet {
namespace {

constexpr std::uint8_t kProtocolTcp = 6, kProtocolUdp = 17;
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51, kDestination = 60,
                       kMobility = 135, kHip = 139, kShim6 = 140;
constexpr unsigned kMaxExtensions = 8;
constexpr std::size_t kMaxExtensionBytes = 512;
constexpr std::size_t kIpv6HeaderLength = 40, kTcpHeaderLength = 20, kUdpHeaderLength = 8;

// The maximum segment size option of a SYN; 0 where there is none or the options cannot be read.  RFC 9293 §3.1, §3.2
std::uint16_t read_mss(ByteView options) noexcept {
  std::size_t at = 0;
  while (at < options.size()) {
    const std::uint8_t kind = options[at];
    if (kind == 0) return 0;
    if (kind == 1) {
      ++at;
      continue;
    }
    if (at + 2 > options.size()) return 0;
    const std::size_t length = options[at + 1];
    if (length < 2 || at + length > options.size()) return 0;
    if (kind == 2 && length == 4) return load_be16(options.data() + at + 2);
    at += length;
  }
  return 0;
}

// `segment` begins at out.l4_offset and ends where IP says.
void read_tcp(ByteView segment, Decoded& out) noexcept {
  out.outcome = DecodeOutcome::malformed;
  if (segment.size() < kTcpHeaderLength) return;
  const std::uint8_t* p = segment.data();
  const std::size_t header = static_cast<std::size_t>(p[12] >> 4) * 4;
  if (header < kTcpHeaderLength || header > segment.size()) return;
  out.flow.source_port = load_be16(p);
  out.flow.destination_port = load_be16(p + 2);
  out.seq = load_be32(p + 4);
  out.ack = load_be32(p + 8);
  out.flags = p[13];
  out.window = load_be16(p + 14);
  if ((out.flags & kTcpSyn) != 0) out.mss = read_mss(segment.subspan(kTcpHeaderLength, header - kTcpHeaderLength));
  out.payload_offset = static_cast<std::uint16_t>(out.l4_offset + header);
  out.payload_length = static_cast<std::uint32_t>(segment.size() - header);
  out.outcome = DecodeOutcome::tcp;
}

void read_udp(ByteView datagram, Decoded& out) noexcept {
  out.outcome = DecodeOutcome::malformed;
  if (datagram.size() < kUdpHeaderLength) return;
  const std::uint8_t* p = datagram.data();
  const std::size_t length = load_be16(p + 4);
  if (length < kUdpHeaderLength || length > datagram.size()) return;
  out.flow.source_port = load_be16(p);
  out.flow.destination_port = load_be16(p + 2);
  out.payload_offset = static_cast<std::uint16_t>(out.l4_offset + kUdpHeaderLength);
  out.payload_length = static_cast<std::uint32_t>(length - kUdpHeaderLength);
  out.outcome = DecodeOutcome::udp;
}

void read_transport(std::uint8_t protocol, ByteView packet, std::size_t l4, Decoded& out) noexcept {
  out.l4_offset = static_cast<std::uint16_t>(out.ip_offset + l4);
  if (protocol == kProtocolTcp) return read_tcp(packet.subspan(l4), out);
  if (protocol == kProtocolUdp) return read_udp(packet.subspan(l4), out);
  out.outcome = DecodeOutcome::other_protocol;
}

void map_ipv4(const std::uint8_t* address, std::array<std::uint8_t, 16>& out) noexcept {
  out[10] = out[11] = 0xff;
  std::memcpy(out.data() + 12, address, 4);
}

// RFC 791 §3.1. `packet` begins with the IP header and may have a trailer.
void read_ipv4(ByteView packet, Decoded& out) noexcept {
  out.outcome = DecodeOutcome::malformed;
  if (packet.size() < 20 || packet[0] >> 4 != 4) return;
  const std::uint8_t* p = packet.data();
  const std::size_t header = static_cast<std::size_t>(p[0] & 0x0f) * 4;
  const std::size_t total = load_be16(p + 2);
  if (header < 20 || total < header || total > packet.size()) return;
  InternetSum sum;
  sum.add(packet.first(header));
  if (sum.folded() != 0xffff) return;
  out.flow.is_ipv4 = true;
  map_ipv4(p + 12, out.flow.source);
  map_ipv4(p + 16, out.flow.destination);
  if ((load_be16(p + 6) & 0x3fff) != 0) {  // more fragments, or an offset
    out.outcome = DecodeOutcome::fragment;
    return;
  }
  read_transport(p[9], packet.first(total), header, out);
}

// RFC 8200 §4. An extension chain over its limits is malformed, and so is a hop-by-hop header that is not the first
// (§4.1: no end accepts it, so it would only be a decoy).
void read_ipv6(ByteView packet, Decoded& out) noexcept {
  out.outcome = DecodeOutcome::malformed;
  if (packet.size() < kIpv6HeaderLength || packet[0] >> 4 != 6) return;
  const std::uint8_t* p = packet.data();
  const std::size_t total = kIpv6HeaderLength + load_be16(p + 4);
  if (total > packet.size()) return;
  std::memcpy(out.flow.source.data(), p + 8, 16);
  std::memcpy(out.flow.destination.data(), p + 24, 16);
  std::uint8_t next = p[6];
  std::size_t at = kIpv6HeaderLength;
  for (unsigned extensions = 0;; ++extensions) {
    switch (next) {
      case kHopByHop:
        if (extensions > 0) return;
        [[fallthrough]];
      case kRouting:
      case kFragment:
      case kAuthentication:
      case kDestination:
      case kMobility:
      case kHip:
      case kShim6: break;
      default: return read_transport(next, packet.first(total), at, out);
    }
    if (extensions == kMaxExtensions || at + 8 > total) return;
    std::size_t length = (static_cast<std::size_t>(p[at + 1]) + 1) * 8;
    if (next == kAuthentication) length = (static_cast<std::size_t>(p[at + 1]) + 2) * 4;
    if (next == kFragment) {
      length = 8;
      if ((load_be16(p + at + 2) & 0xfff9) != 0) {  // RFC 6946: offset 0 and M 0 is a whole packet
        out.outcome = DecodeOutcome::fragment;
        return;
      }
    }
    next = p[at];
    at += length;
    if (at > total || at > kIpv6HeaderLength + kMaxExtensionBytes) return;
  }
}

}  // namespace

Decoded decode_packet(ByteView frame, LinkType link) noexcept {
  Decoded out{};
  const LinkLayer layer = read_link_layer(frame, link);
  out.ip_offset = layer.ip_offset;
  switch (layer.outcome) {
    case LinkOutcome::ipv4: read_ipv4(frame.subspan(layer.ip_offset), out); break;
    case LinkOutcome::ipv6: read_ipv6(frame.subspan(layer.ip_offset), out); break;
    case LinkOutcome::not_ip: out.outcome = DecodeOutcome::not_ip; break;
    case LinkOutcome::malformed: out.outcome = DecodeOutcome::malformed; break;
  }
  return out;
}

bool checksum_fits(ByteView frame, const Decoded& decoded) noexcept {
  const bool udp = decoded.outcome == DecodeOutcome::udp;
  const std::uint8_t* l4 = frame.data() + decoded.l4_offset;
  if (udp && l4[6] == 0 && l4[7] == 0) return decoded.flow.is_ipv4;  // RFC 768: none was made; RFC 8200 §8.1: must be
  const std::size_t length = decoded.payload_offset - decoded.l4_offset + std::size_t{decoded.payload_length};
  InternetSum sum;
  const std::size_t skip = decoded.flow.is_ipv4 ? 12 : 0;
  sum.add(ByteView{decoded.flow.source}.subspan(skip));
  sum.add(ByteView{decoded.flow.destination}.subspan(skip));
  sum.add_be16(static_cast<std::uint32_t>(length));  // IPv6 writes it as 32 bits; without jumbograms the upper are zero
  sum.add_be16(udp ? kProtocolUdp : kProtocolTcp);
  sum.add({l4, length});
  return sum.folded() == 0xffff;
}

}  // namespace parapet::packet
