// SPDX-License-Identifier: Apache-2.0
// Which side each frame of a capture came from: a capture has no ports, so the client of each flow counts as
// subscriber.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/address_prefix.h"
#include "base/bytes.h"
#include "base/ids.h"
#include "packet/decode/decode.h"

namespace parapet::cli {

// With subscriber prefixes: what comes from one is the subscriber's, all else transit's. Without: the sender of a SYN
// is the client, or the receiver of a SYN and ACK, or the sender of the first payload that could begin a request;
// until one of these is seen, the end with the higher port. Over UDP: the sender of a DNS query (port 53), else the
// sender of the flow's first datagram.
//   cost  a hash look-up a frame; memory grows with the flows of the capture
class SideGuess {
 public:
  explicit SideGuess(std::vector<AddressPrefix> subscribers = {});

  Side side_of(ByteView frame, const packet::Decoded& decoded);

  // Frames of TCP and UDP with no end in a subscriber prefix: not inspected.
  std::uint64_t frames_without_subscriber() const noexcept { return frames_without_subscriber_; }

 private:
  struct Flow {  // the ends in ascending order
    std::array<std::uint8_t, 16> low, high;
    std::uint16_t low_port, high_port;
    bool is_udp;
    friend bool operator==(const Flow&, const Flow&) = default;
  };
  struct FlowHash {
    std::size_t operator()(const Flow& flow) const noexcept;
  };

  bool source_is_client(ByteView frame, const packet::Decoded& decoded);

  std::vector<AddressPrefix> subscribers_;
  std::unordered_map<Flow, bool, FlowHash> client_is_low_;
  std::uint64_t frames_without_subscriber_ = 0;
};

}  // namespace parapet::cli
