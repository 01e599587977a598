// SPDX-License-Identifier: Apache-2.0
// verify → read → canonicalise → guard, under a key of this run alone.
#include "app/cli/simulation.h"

#include <algorithm>

#include "digest/key.h"
#include "lists/compile/digest_feed.h"
#include "lists/guard/guard_names.h"
#include "lists/guard/never_block.h"
#include "lists/verify/verify.h"

namespace parapet::cli {
namespace {

void add_touch(std::vector<TouchedRule>& rules, lists::Touched touched, std::uint64_t line) {
  auto at = std::ranges::lower_bound(rules, touched.rule, {}, &TouchedRule::rule);
  if (at == rules.end() || at->rule != touched.rule) at = rules.insert(at, TouchedRule{touched.rule});
  ++at->count;
  if (at->touches.size() < lists::kMaxNamedEntries) at->touches.push_back({line, std::move(touched.name)});
}

// As the reading child gets it; that the source signs its lists lets an empty one pass.
config::SourceOptions unsigned_source(config::SourceOptions source) {
  source.allow_empty |= !source.keys.empty();
  source.keys.clear();
  return source;
}

}  // namespace

lists::Findings Simulation::findings() const {
  lists::Findings findings;
  for (const auto& rule : touched) findings.push_back({rule.rule, rule.count, {}, {}});
  for (const auto& problem : guard_problems) {
    lists::add_finding(findings, lists::GuardRule::guard_data, problem);
  }
  return findings;
}

Result<Simulation> simulate(ByteView feed, const config::SourceOptions& source, const config::GuardOptions& guard,
                            Nanoseconds now_realtime_ns) {
  const auto key = digest::StoredKey::random();
  if (!key) return std::unexpected(key.error());
  auto names = lists::load_guard_names(guard, now_realtime_ns);
  const auto never_block = lists::NeverBlock::make(names);
  if (!never_block) return std::unexpected(never_block.error().within("guard data"));
  lists::RawFeed raw;
  raw.bytes.assign(feed.begin(), feed.end());
  raw.head.end_is_marked = true;  // by the file's length
  const auto verified = lists::verify_feed(std::move(raw), {.max_size_bytes = source.max_size_bytes});
  if (!verified) return std::unexpected(verified.error());
  Simulation simulation;
  simulation.guard_problems = std::move(names.problems);
  const auto watch = [&](const canon::Entry& entry, EntryId) {
    if (auto touched = never_block->touched_by(entry)) {
      add_touch(simulation.touched, std::move(*touched), entry.line);
    }
  };
  const auto read = lists::digest_feed(*verified, unsigned_source(source), key->key(), watch);
  if (!read) return std::unexpected(read.error());
  if (read->increment)
    return fail(ErrorCode::invalid_argument, "it is an increment; only a whole list can be simulated");
  const auto& list = read->list;
  simulation.ledger = lists::make_ledger(list, now_realtime_ns / kNanosecondsPerSecond);
  simulation.entries = list.entries.size();
  simulation.unenforceable = list.unenforceable;
  return simulation;
}

}  // namespace parapet::cli
