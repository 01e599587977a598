// SPDX-License-Identifier: Apache-2.0
// One long TCP segment as several.
#include "app/cli/joined_segments.h"

#include <algorithm>

#include "packet/act/carrier_mend.h"
#include "packet/decode/transport_sum.h"

namespace parapet::cli {
namespace {

constexpr std::size_t kSequence = 4, kFlags = 13;  // in the TCP header
constexpr std::size_t kPart = 8192;

void finish_tcp_header(MutableBytes segment, const packet::FlowAddresses& flow, std::uint32_t sequence, bool is_last) {
  store_be32(segment.data() + kSequence, sequence);
  if (!is_last) segment[kFlags] = static_cast<std::uint8_t>(segment[kFlags] & ~(packet::kTcpPsh | packet::kTcpFin));
  packet::renew_tcp_checksum(segment, flow);
}

}  // namespace

std::vector<std::vector<std::uint8_t>> segments_of_joined(ByteView frame, packet::LinkType link) {
  std::vector<std::vector<std::uint8_t>> segments;
  if (frame.size() <= kLongestFrame) return segments;
  packet::LayerTrail trail;
  const packet::Decoded decoded = packet::decode_packet(frame, link, packet::kMaxCarriers, &trail);
  if (decoded.outcome != packet::DecodeOutcome::tcp || decoded.payload_length <= kPart) return segments;
  for (std::size_t at = 0; at < decoded.payload_length; at += kPart) {
    const ByteView part = frame.subspan(decoded.payload_offset + at, std::min(kPart, decoded.payload_length - at));
    std::vector<std::uint8_t> segment(frame.begin(), frame.begin() + decoded.payload_offset);
    segment.insert(segment.end(), part.begin(), part.end());
    finish_tcp_header(MutableBytes{segment}.subspan(decoded.l4_offset), decoded.flow,
                      decoded.seq + static_cast<std::uint32_t>(at), at + kPart >= decoded.payload_length);
    packet::mend_carriers(segment, trail);
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace parapet::cli
