// SPDX-License-Identifier: Apache-2.0
// What a host leaves of the IPv4 header to its network card.  RFC 791 §3.1
#include "app/cli/ipv4_header.h"

#include <algorithm>

#include "packet/decode/internet_checksum.h"

namespace parapet::cli {
namespace {

void finish_header(MutableBytes ip) noexcept {
  if (ip.size() < 20 || ip[0] >> 4 != 4) return;
  const std::size_t header = static_cast<std::size_t>(ip[0] & 0x0f) * 4;
  if (header < 20 || header > ip.size()) return;
  if (load_be16(ip.data() + 2) == 0) {
    store_be16(ip.data() + 2, static_cast<std::uint16_t>(std::min<std::size_t>(ip.size(), 0xffff)));
  }
  packet::renew_ipv4_checksum(ip.data());
}

}  // namespace

// An unfinished header hides what is behind it, so headers are finished one by one, from outside in.
void finish_ipv4_headers(MutableBytes frame, packet::LinkType link) noexcept {
  for (unsigned headers = 0; headers <= packet::kMaxCarriers; ++headers) {
    packet::LayerTrail trail;
    const packet::Decoded decoded = packet::decode_packet(frame, link, packet::kMaxCarriers, &trail);
    if (decoded.outcome != packet::DecodeOutcome::malformed || trail.count == 0) return;
    const packet::Layer& last = trail.layers[trail.count - 1u];
    if (last.kind != packet::LayerKind::ipv4) return;
    finish_header(frame.subspan(last.offset));
  }
}

}  // namespace parapet::cli
