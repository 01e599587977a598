// SPDX-License-Identifier: Apache-2.0
// The QUIC clients of one worker: opens their Initials, reads the hellos in them, and stops what is listed.
//
// The keys of an Initial come from its connection's first destination id. A client changes that id for the one that its
// server chose but keeps the keys; behind a Retry, and with every connection that it begins anew, keys are new. So each
// Initial is tried with its own id, and with the keys of all connections known between its two ends. What opens with
// none of them is no server's either, and changes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "counters/layout.h"
#include "packet/flow/stream_key.h"
#include "packet/pipeline/pipeline.h"
#include "packet/pipeline/quic_budget.h"
#include "packet/pipeline/quic_connections.h"
#include "packet/pipeline/request_judge.h"
#include "packet/quic/initial_opener.h"

namespace parapet::packet {

// One datagram of a subscriber, whose checksum is right.
struct Datagram {
  const Decoded& decoded;
  Realm realm;
  std::size_t index;  // in the burst
  ByteView payload;
};

//   thread  one
class QuicInspector {
 public:
  static Result<std::unique_ptr<QuicInspector>> create(const PipelineOptions& options, const digest::Key& flow_key,
                                                       RequestJudge& judge, counters::WorkerBlock& block);

  void begin_burst(Nanoseconds now) noexcept;
  void set_block_hold(Nanoseconds hold_ns) noexcept { connections_.set_block_hold(tick_of(hold_ns)); }

  // Nothing: the datagram holds no Initial that was opened, and is no concern of QUIC's.
  std::optional<Fate> inspect(const Datagram& datagram) noexcept;

  // For a look at what is left in memory.
  const QuicConnections& connections() const noexcept { return connections_; }
  ByteView opened() const noexcept { return opener_.memory(); }

 private:
  // What reading one datagram brought.
  struct Reading {
    bool listed = false, blocked = false, decoy = false;
    bool uninspected = false;
    bool shadow = false;
    bool requests = false;
    bool pending = false;  // a hello is unfinished
    bool opened = false;
    bool stops() const noexcept { return listed || blocked || decoy; }
  };
  struct Ends {
    StreamKey key;
    std::uint64_t hash;
    SubscriberPlace subscriber;
  };

  QuicInspector(RequestJudge& judge, counters::WorkerBlock& block, const digest::Key& flow_key,
                const PipelineLimits& limits) noexcept
      : judge_(judge),
        block_(block),
        hasher_(flow_key),
        hello_cap_(limits.quic_hello_bytes),
        budget_(limits.quic_initials_per_s) {}

  std::optional<Fate> take_unknown_version(const Datagram& datagram) noexcept;
  Ends ends_of(const Datagram& datagram) noexcept;
  ConnectionIndex first_between(const Ends& ends) noexcept { return connections_.first_between(ends.key, ends.hash); }
  bool names_blocked(const Ends& ends, const ConnectionId& destination) noexcept;

  // which keys
  void take_initial(const Datagram& datagram, const Ends& ends, ByteView packet, const LongHeader& header,
                    Reading& reading) noexcept;
  bool may_try(const Datagram& datagram, const Ends& ends, Reading& reading) noexcept;
  void spend(const Ends& ends, std::uint32_t tries) noexcept;
  bool take_own(const Datagram& datagram, const Ends& ends, ByteView packet, const LongHeader& header,
                Reading& reading) noexcept;
  bool take_known(const Datagram& datagram, const Ends& ends, ByteView packet, const LongHeader& header,
                  ConnectionIndex index, Reading& reading) noexcept;
  std::optional<OpenedInitial> open(ByteView packet, const LongHeader& header, const Ends& ends,
                                    QuicConnection& connection) noexcept;
  // which hello
  void read_opened(const Datagram& datagram, const Ends& ends, const OpenedInitial& opened, QuicConnection& connection,
                   ConnectionIndex spared, Reading& reading) noexcept;
  void judge_hellos(const Datagram& datagram, HelloAssembly& assembly, QuicConnection& connection,
                    Reading& reading) noexcept;
  // what becomes of it
  void settle_fresh(const Ends& ends, Reading& reading) noexcept;
  static std::optional<Fate> fate_of(const Reading& reading) noexcept;

  RequestJudge& judge_;
  counters::WorkerBlock& block_;
  FlowHasher hasher_;
  InitialKeySchedule schedule_;
  InitialOpener opener_;
  QuicConnections connections_;
  std::uint32_t hello_cap_;
  QuicBudget budget_;
  RequestText text_{};
  QuicConnection fresh_{};  // begun by this datagram; valid with has_fresh_
  bool has_fresh_ = false;
  std::uint64_t datagram_ = 0;  // their count
  std::uint32_t second_ = 0;
};

}  // namespace parapet::packet
