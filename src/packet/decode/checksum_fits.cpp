// SPDX-License-Identifier: Apache-2.0
// Checksums over payload: TCP's, UDP's, and those of carriers.
#include "packet/decode/carriers.h"
#include "packet/decode/decode.h"
#include "packet/decode/internet_checksum.h"
#include "packet/decode/transport_sum.h"

namespace parapet::packet {
namespace {

std::size_t ip_end(ByteView frame, const Layer& ip) noexcept {
  const std::uint8_t* header = frame.data() + ip.offset;
  return ip.kind == LayerKind::ipv4 ? ip.offset + std::size_t{load_be16(header + 2)}
                                    : ip.offset + std::size_t{40} + load_be16(header + 4);
}

// `ip` and the layer behind it are as decode_packet() found them: lengths need no further look.
bool carrier_checksum_fits(ByteView frame, const Layer& ip, const Layer& layer) noexcept {
  const std::uint8_t* header = frame.data() + layer.offset;
  if (layer.kind == LayerKind::udp) {
    const std::size_t length = load_be16(header + 4);
    return load_be16(header + 6) == 0 || transport_sum(frame, ip, kProtocolUdp, {header, length}).folded() == 0xffff;
  }
  if (!gre_has_checksum(header)) return true;
  InternetSum sum;
  sum.add(frame.subspan(layer.offset, ip_end(frame, ip) - layer.offset));
  return sum.folded() == 0xffff;
}

bool carrier_checksums_fit(ByteView frame, LinkType link) noexcept {
  LayerTrail trail;
  decode_packet(frame, link, kMaxCarriers, &trail);
  for (std::size_t i = 1; i < trail.count; ++i) {
    const LayerKind kind = trail.layers[i].kind;
    if (kind != LayerKind::udp && kind != LayerKind::gre) continue;
    if (!carrier_checksum_fits(frame, trail.layers[i - 1], trail.layers[i])) return false;
  }
  return true;
}

}  // namespace

bool checksum_fits(ByteView frame, const Decoded& decoded) noexcept {
  if (decoded.marks.checksums && !carrier_checksums_fit(frame, decoded.link)) return false;
  const bool udp = decoded.outcome == DecodeOutcome::udp;
  const std::uint8_t* l4 = frame.data() + decoded.l4_offset;
  if (udp && l4[6] == 0 && l4[7] == 0) return decoded.flow.is_ipv4;  // RFC 768: none was made; RFC 8200 §8.1: must be
  const std::size_t length = decoded.payload_offset - decoded.l4_offset + std::size_t{decoded.payload_length};
  return transport_sum(decoded.flow, udp ? kProtocolUdp : kProtocolTcp, {l4, length}).folded() == 0xffff;
}

}  // namespace parapet::packet
