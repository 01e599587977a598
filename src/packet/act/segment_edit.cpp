// SPDX-License-Identifier: Apache-2.0
// Cutting segments and repairing checksums.
#include "packet/act/segment_edit.h"

#include <cstring>

#include "base/secret.h"
#include "packet/act/carrier_mend.h"
#include "packet/decode/transport_sum.h"

namespace parapet::packet {
namespace {

constexpr std::size_t kChecksumOffset = 16;  // in the TCP header

}  // namespace

std::uint32_t cut_segment(MutableBytes frame, Decoded& decoded, std::uint32_t payload_length) noexcept {
  LayerTrail trail;
  decode_packet(frame, decoded.link, kMaxCarriers, &trail);
  const std::uint32_t length = decoded.payload_offset + payload_length;
  wipe(frame.subspan(length));
  decoded.payload_length = payload_length;
  const MutableBytes segment = frame.first(length).subspan(decoded.l4_offset);
  segment[13] = static_cast<std::uint8_t>(segment[13] & ~(kTcpPsh | kTcpFin));
  renew_tcp_checksum(segment, decoded.flow);
  mend_carriers(frame.first(length), trail);
  return length;
}

ByteView ChecksumRepair::segment_of(ByteView frame) const noexcept {
  return frame.subspan(decoded_.l4_offset,
                       decoded_.payload_offset - decoded_.l4_offset + std::size_t{decoded_.payload_length});
}

ChecksumRepair::ChecksumRepair(ByteView frame, const Decoded& decoded) noexcept : decoded_(decoded) {
  InternetSum sum;
  sum.add(segment_of(frame));
  sum_before_ = sum.folded();
}

void ChecksumRepair::finish(MutableBytes frame) const noexcept {
  InternetSum after;
  after.add(segment_of(frame));
  // HC' = ~(~HC + ~m + m'), all in memory's byte order; the field itself is in m and m' alike.
  std::uint8_t* field = frame.data() + decoded_.l4_offset + kChecksumOffset;
  std::uint16_t checksum;
  std::memcpy(&checksum, field, sizeof checksum);
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~sum_before_);
  sum += after.folded();
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  checksum = static_cast<std::uint16_t>(~sum);
  std::memcpy(field, &checksum, sizeof checksum);
}

}  // namespace parapet::packet
