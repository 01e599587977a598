// SPDX-License-Identifier: Apache-2.0
// Mending lengths from outside in, then checksums from inside out.
#include "packet/act/carrier_mend.h"

#include "packet/decode/carriers.h"
#include "packet/decode/ip_headers.h"
#include "packet/decode/transport_sum.h"

namespace parapet::packet {
namespace {

void mend_length(std::uint8_t* header, LayerKind kind, std::size_t length) noexcept {
  const auto store = [&](std::size_t at, std::size_t value) {
    store_be16(header + at, static_cast<std::uint16_t>(value));
  };
  switch (kind) {
    case LayerKind::length_field: return store(0, length - 2);
    case LayerKind::pppoe: return store(4, length - kPppoeHeaderLength);
    case LayerKind::ipv4: return store(2, length);
    case LayerKind::ipv6: return store(4, length - kIpv6HeaderLength);
    case LayerKind::udp: return store(4, length);
    case LayerKind::gre:
      if (gre_is_pptp(header)) store(4, length - gre_header_length(header));
      return;
    case LayerKind::gtp_u: return store(2, length - kGtpHeaderLength);
  }
}

//   in_front  the header before it; UDP always has one
void mend_checksum(MutableBytes frame, const Layer& layer, const Layer* in_front) noexcept {
  std::uint8_t* header = frame.data() + layer.offset;
  const ByteView bytes = frame.subspan(layer.offset);
  switch (layer.kind) {
    case LayerKind::ipv4: return renew_ipv4_checksum(header);
    case LayerKind::udp: {
      if (load_be16(header + 6) == 0) return;  // none was made
      store_be16(header + 6, 0);
      const std::uint16_t checksum = transport_sum(frame, *in_front, kProtocolUdp, bytes).checksum();
      return store_be16(header + 6, checksum == 0 ? 0xffff : checksum);
    }
    case LayerKind::gre: {
      if (!gre_has_checksum(header)) return;
      store_be16(header + 4, 0);
      InternetSum sum;
      sum.add(bytes);
      return store_be16(header + 4, sum.checksum());
    }
    case LayerKind::length_field:
    case LayerKind::pppoe:
    case LayerKind::ipv6:
    case LayerKind::gtp_u: return;
  }
}

}  // namespace

void mend_carriers(MutableBytes frame, const LayerTrail& trail) noexcept {
  for (std::size_t i = 0; i < trail.count; ++i) {
    const Layer& layer = trail.layers[i];
    mend_length(frame.data() + layer.offset, layer.kind, frame.size() - layer.offset);
  }
  for (std::size_t i = trail.count; i > 0; --i) {
    mend_checksum(frame, trail.layers[i - 1], i > 1 ? &trail.layers[i - 2] : nullptr);
  }
}

}  // namespace parapet::packet
