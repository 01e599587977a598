// SPDX-License-Identifier: Apache-2.0
// Looking a URL up; the counterpart of packet/match over a list instead of a snapshot.
#include "lists/compile/look_up.h"

#include <algorithm>
#include <tuple>

#include "lists/compile/entry_id.h"
#include "lists/compile/question_walk.h"

namespace parapet::lists {
namespace {

auto digest_of(const digest::DigestedEntry& entry) { return std::tuple(entry.digest.low, entry.digest.high); }

Hit hit_of(const digest::DigestedEntry& entry) { return {EntryId{entry.id}, entry.kind, entry.digest, entry.ends_s}; }

}  // namespace

Result<canon::Entry> parse_question(std::string_view text) {
  auto parsed = canon::parse_entry(text, {canon::EntryKind::host, canon::EntryKind::url});
  if (!parsed)
    return fail(ErrorCode::invalid_argument, "the URL asked about cannot be read: " + parsed.error().context);
  return parsed;
}

std::string format_appeal_code(const digest::Digest& digest) { return format_entry_id(EntryId{digest.high}); }

Result<std::uint64_t> parse_appeal_code(std::string_view text) {
  const auto id = parse_entry_id(text);
  if (!id) return fail(ErrorCode::invalid_argument, "an appeal code has 16 hexadecimal digits");
  return id->value;
}

std::vector<Hit> look_up_appeal(const DigestedList& list, std::uint64_t code) {
  std::vector<Hit> hits;
  for (const auto& entry : list.entries) {
    if (entry.digest.high == code) hits.push_back(hit_of(entry));
  }
  return hits;
}

std::vector<Hit> look_up(const DigestedList& list, const canon::Entry& question, const digest::Key& key) {
  std::vector<Hit> hits;
  const auto take = [&](const digest::SipState& state, std::uint32_t kinds) {
    const digest::Digest wanted = state.digest();
    for (const auto& entry :
         std::ranges::equal_range(list.entries, std::tuple(wanted.low, wanted.high), {}, digest_of)) {
      if (has_kind(kinds, entry.kind)) hits.push_back(hit_of(entry));
    }
  };
  walk_question(question, key, [](unsigned, const digest::SipState&) {}, take);
  return hits;
}

}  // namespace parapet::lists
