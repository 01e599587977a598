// SPDX-License-Identifier: Apache-2.0
// Which worker owns what goes on between two addresses.
#include "packet/flow/stream_key.h"
#include "packet/pipeline/pipeline.h"
#include "packet/quic/long_header.h"

namespace parapet::packet {

WorkerIndex Steering::owner_of(const Frame& frame, WorkerIndex mine) const noexcept {
  if (workers_ < 2) return mine;
  const Decoded decoded = decode_packet({frame.data, frame.length}, frame.link);
  if (decoded.outcome == DecodeOutcome::udp) {  // of those that QUIC's hellos may be in
    if (!has_long_form({frame.data + decoded.payload_offset, decoded.payload_length})) return mine;
  } else if (decoded.outcome != DecodeOutcome::tcp && decoded.outcome != DecodeOutcome::fragment) {
    return mine;
  }
  const Realm realm = realms_.realm_of(frame.pair, decoded, frame.realm);
  const std::uint64_t hash = FlowHasher(key_).symmetric(decoded.flow, realm);
  return {static_cast<std::uint16_t>((hash >> 32) * workers_ >> 32)};
}

}  // namespace parapet::packet
