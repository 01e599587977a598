// SPDX-License-Identifier: Apache-2.0
// Verdicts and their counters.
#include "packet/decide/decide.h"

#include <bit>

namespace parapet::packet {
namespace {

using snapshot::ListState;

template <typename Visit>
void for_lists(std::uint32_t lists, Visit&& visit) noexcept {
  for (; lists != 0; lists &= lists - 1) visit(ListIndex{static_cast<std::uint16_t>(std::countr_zero(lists))});
}

}  // namespace

Verdict decide_verdict(const snapshot::Snapshot& snapshot, const Match& match,
                       Nanoseconds trusted_realtime_ns) noexcept {
  Verdict verdict = Verdict::pass;
  for_lists(match.lists, [&](ListIndex list) {
    const ListState state = snapshot.state_at(list, trusted_realtime_ns);
    if (state == ListState::enforce) verdict = Verdict::block;
    if (state == ListState::shadow && verdict == Verdict::pass) verdict = Verdict::shadow;
  });
  return verdict;
}

void count_request(counters::WorkerBlock& block, const snapshot::Snapshot& snapshot, Protocol protocol, Verdict verdict,
                   const Match& match) noexcept {
  counters::add(block.requests[index_of(protocol)][index_of(verdict)]);
  for_lists(match.lists, [&](ListIndex list) {
    if (list.value < counters::kMaxLists && snapshot.state_of(list) != ListState::off) {
      counters::add(block.list_hits[list.value][index_of(protocol)]);
    }
  });
  if (match.name_unusable) counters::add(block.uninspected[index_of(UninspectedReason::name_malformed)]);
}

StopResponse decide_stop(const StopContext& context) noexcept {
  if (!context.resets_wanted) return StopResponse::drop;
  return context.handshake_seen && !context.earlier_answer_open ? StopResponse::reset : StopResponse::withheld;
}

}  // namespace parapet::packet
