// SPDX-License-Identifier: Apache-2.0
// One request to its verdict: match, decide, count, tell the sink.
#pragma once

#include <cstdint>

#include "packet/decide/decide.h"
#include "packet/match/match.h"
#include "packet/pipeline/pipeline.h"

namespace parapet::packet {

//   thread  one
class RequestJudge {
 public:
  // Where a request came from.
  struct Origin {
    std::size_t frame;
    const FlowAddresses* flow;  // of the subscriber's packet
    Realm realm;
  };
  struct Judged {
    Verdict verdict;
    bool uninspected;  // it was not, or not wholly, compared: no snapshot, or a name that is none
  };

  RequestJudge(const digest::Key& digest_key, counters::WorkerBlock& block) noexcept
      : block_(block), matcher_(digest_key) {}

  //   trusted_realtime_ns  what lists end by
  void use(const snapshot::Snapshot* snapshot, Nanoseconds trusted_realtime_ns) noexcept {
    snapshot_ = snapshot;
    trusted_realtime_ns_ = trusted_realtime_ns;
  }
  void set_sink(RequestSink* sink) noexcept { sink_ = sink; }

  // A message of DNS is judged as its questions, one after another; the strictest verdict is the message's.
  Judged judge_request(Protocol protocol, const RequestText& text, const Origin& origin) noexcept;
  Judged judge_question(ByteView labels, const Origin& origin) noexcept;
  void count_uninspected(UninspectedReason reason, std::uint64_t times = 1) noexcept;

 private:
  // What the sink is told of a request; see RequestSink::Seen.
  struct Asked {
    Protocol protocol;
    ByteView host, target;
    TargetForm target_form = TargetForm::origin;
    ByteView host_field;
  };

  Judged judge_questions(const RequestText& text, const Origin& origin) noexcept;
  Judged judge(const Asked& asked, const Origin& origin) noexcept;
  snapshot::Occasion occasion_of(const Origin& origin) const noexcept {
    return {trusted_realtime_ns_, origin.realm, &origin.flow->source, origin.flow->is_ipv4};
  }

  counters::WorkerBlock& block_;
  Matcher matcher_;
  Match match_;
  const snapshot::Snapshot* snapshot_ = nullptr;
  Nanoseconds trusted_realtime_ns_ = 0;
  RequestSink* sink_ = nullptr;
};

}  // namespace parapet::packet
