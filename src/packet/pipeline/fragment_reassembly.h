// SPDX-License-Identifier: Apache-2.0
// Fragments on their way through: they go on as they come, and the one that completes a datagram has that datagram's
// fate.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "counters/names.h"
#include "packet/flow/fragment_table.h"
#include "packet/flow/stream_key.h"
#include "packet/pipeline/pipeline.h"
#include "packet/pipeline/shortage.h"

namespace parapet::packet {

// A datagram may hold, in a carrier, a fragment of another: so many are whole at once.
inline constexpr unsigned kMaxWholeDatagrams = 2;

//   thread  one
class FragmentReassembly {
 public:
  static Result<FragmentReassembly> create(const PipelineLimits& limits, const digest::Key& flow_key);

  // Where memory is short, gives up some datagrams that have waited for long; returns how many.
  std::uint32_t begin_burst(Nanoseconds now) noexcept;

  // A fragment from the subscriber's side.
  struct Taken {
    std::optional<Fate> fate;  // nothing: its datagram is whole and is to be judged, then settled
    Frame whole;
    std::uint32_t uninspected;  // datagrams that are followed no more
  };
  //   level   how many whole datagrams are being judged: 0 of a frame, 1 of a fragment in a datagram, ...
  //   REQUIRES decoded.outcome fragment
  Taken take(const Frame& frame, const Decoded& decoded, unsigned level) noexcept;

  // The fate of the fragment that completed it. What a datagram that was altered on judging should become cannot be
  // told its receiver, who has the other fragments: it is stopped.
  //   whole   as it stands after judging; wiped here
  Taken settle(Frame& whole, const Fate& fate, unsigned level) noexcept;

  const FragmentTable& table() const noexcept { return table_; }

 private:
  static constexpr std::size_t kRoomForHeaders = 96;  // a link header with tags, and IPv6's
  struct Scratch {
    std::array<std::uint8_t, kRoomForHeaders + kMaxDatagramLength> bytes;
    DatagramIndex datagram;
    std::uint32_t headers;  // before the datagram's payload
  };

  FragmentReassembly() : hasher_(digest::Key{}) {}
  Frame put_together(const Frame& frame, const Decoded& decoded, DatagramIndex datagram, Scratch& scratch) noexcept;

  FlowHasher hasher_;
  FragmentTable table_;
  Shortage shortage_;  // of datagrams or blocks
  FixedArray<Scratch> scratch_;
  Tick now_ = 0;
};

}  // namespace parapet::packet
