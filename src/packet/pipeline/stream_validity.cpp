// SPDX-License-Identifier: Apache-2.0
// Segments that no server takes, and marks that servers read in different ways.
//
// A decoy that a server refuses must not be taken for what the server has: it would be given to the server in the place
// of the true bytes. Only what every server refuses is refused here; what is doubtful is read, and goes on as it was
// read.
#include <algorithm>
#include <array>

#include "packet/act/header_edit.h"
#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {
namespace {

// How much a server may have sent before its client's first request.
constexpr std::uint32_t kMaxGreeting = 1 << 20;
// RFC 7323 §5.3, with the one tick of tolerance that Linux has.
constexpr std::int32_t kTimestampTolerance = 1;
// Timestamps are compared within so many bytes of the reading alone: further off it may be another connection.
constexpr std::int32_t kNear = 1 << 20;
constexpr std::size_t kBeginning = 64;

// RFC 9293 §3.10.7: an ACK of what was never sent, or of what was before the connection, ends the reading of a
// segment.
bool acknowledges_nothing(std::uint32_t ack, std::uint32_t server_isn) noexcept {
  return ack - (server_isn + 1) > kMaxGreeting;
}

bool is_too_old(const TcpOptions& options, std::uint32_t recent) noexcept {
  return options.has_timestamp && static_cast<std::int32_t>(recent - options.timestamp) > kTimestampTolerance;
}

}  // namespace

// The first payload behind a handshake. Only a SYN-ACK that the client itself acknowledged says what its server takes:
// a forged one must not.
bool StreamInspector::is_refused(const Segment& segment, const HandshakeSlot& slot) const noexcept {
  if (slot.settled() || !slot.proven()) return false;
  if (acknowledges_nothing(segment.decoded.ack, slot.server_isn)) return true;
  const TcpOptions options = segment.options();
  if (options.is_signed && !slot.is_signed()) return true;  // RFC 2385 §2.0: a signature nobody agreed on
  return slot.has_timestamps() && is_too_old(options, slot.client_timestamp);
}

// Further payload; also takes over its timestamp.
bool StreamInspector::is_refused(const Segment& segment, Stream& stream) const noexcept {
  const std::int32_t behind_next = seq_distance(segment.decoded.seq, stream.next_seq);
  if (!stream.proven || behind_next > kNear || behind_next < -kNear) return false;
  if (!stream.had_request && acknowledges_nothing(segment.decoded.ack, stream.server_isn)) return true;
  const TcpOptions options = segment.options();
  if (options.is_signed && !stream.is_signed) return true;
  if (!stream.timestamps) return false;
  if (is_too_old(options, stream.recent_timestamp)) return true;
  const bool newer = static_cast<std::int32_t>(options.timestamp - stream.recent_timestamp) > 0;
  if (options.has_timestamp && newer && behind_next <= 0) stream.recent_timestamp = options.timestamp;
  return false;
}

// Some servers take the byte an urgent pointer shows out of the stream, others leave it in (RFC 6093 §3). Without the
// mark all leave it in.
void StreamInspector::take_off_urgent(Segment& segment) noexcept {
  clear_urgent({segment.frame.data, segment.frame.length}, segment.decoded);
  count(ActionKind::rewritten_urgent);
}

// Whether the payload could begin a request to a server that takes its urgent byte out, or to one that leaves it in.
bool StreamInspector::could_begin_without_urgent(const Segment& segment) const noexcept {
  const ByteView payload = segment.bytes().subspan(segment.decoded.payload_offset, segment.decoded.payload_length);
  if (could_begin_request(payload)) return true;
  const std::size_t pointer = load_be16(segment.bytes().data() + segment.decoded.l4_offset + 18);
  std::array<std::uint8_t, kBeginning> without;
  for (const std::size_t taken_out : {pointer - 1, pointer}) {  // RFC 6093 §2: servers count from different places
    std::size_t length = 0;
    for (std::size_t i = 0; i < std::min(payload.size(), kBeginning); ++i) {
      if (i != taken_out) without[length++] = payload[i];
    }
    const bool could = could_begin_request(ByteView{without}.first(length));
    wipe(without);
    if (could) return true;
  }
  return false;
}

// A stream over several paths would show no single path its whole request (RFC 8684). Without the option both ends use
// plain TCP.
void StreamInspector::take_out_multipath(Segment& segment) noexcept {
  if (!strip_mptcp_) return;
  const TcpOptions options = segment.options();
  if (options.multipath_offset == 0) return;
  blank_option({segment.frame.data, segment.frame.length}, segment.decoded, options.multipath_offset,
               options.multipath_length);
  count(ActionKind::rewritten_mptcp);
}

}  // namespace parapet::packet
