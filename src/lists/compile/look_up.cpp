// SPDX-License-Identifier: Apache-2.0
// Looking a URL up; the counterpart of packet/match over a list instead of a snapshot.
#include "lists/compile/look_up.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>

#include "digest/name.h"
#include "lists/compile/entry_id.h"

namespace parapet::lists {
namespace {

using canon::EntryKind;
using digest::SipState;

class Search {
 public:
  explicit Search(const DigestedList& list) : list_(list) {}

  void take(const SipState& state, std::initializer_list<EntryKind> kinds) {
    const digest::Digest wanted = state.digest();
    const auto of = [](const digest::DigestedEntry& entry) { return std::tuple(entry.digest.low, entry.digest.high); };
    const auto range = std::ranges::equal_range(list_.entries, std::tuple(wanted.low, wanted.high), {}, of);
    for (const auto& entry : range) {
      if (std::ranges::find(kinds, entry.kind) != kinds.end())
        hits.push_back({EntryId{entry.id}, entry.kind, entry.digest, entry.ends_s});
    }
  }

  std::vector<Hit> hits;

 private:
  const DigestedList& list_;
};

void look_up_url(Search& search, const SipState& host, const canon::Entry& question) {
  const SipState urls = digest::enter_urls(host, question.port);
  search.take(urls, {EntryKind::prefix_below});
  const SipState path = digest::walk_path(urls, question.path, [&](unsigned, const SipState& state, bool last) {
    if (!last) {
      search.take(state, {EntryKind::prefix, EntryKind::prefix_below});
    } else if (question.query.empty()) {
      search.take(state, {EntryKind::prefix, EntryKind::url});
    } else {
      search.take(state, {EntryKind::prefix});
    }
  });
  if (!question.query.empty()) search.take(digest::enter_query(path, question.query), {EntryKind::url});
}

}  // namespace

Result<canon::Entry> parse_question(std::string_view text) {
  auto parsed = canon::parse_entry(text, {EntryKind::host, EntryKind::url});
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
    if (entry.digest.high == code) hits.push_back({EntryId{entry.id}, entry.kind, entry.digest, entry.ends_s});
  }
  return hits;
}

std::vector<Hit> look_up(const DigestedList& list, const canon::Entry& question, const digest::Key& key) {
  Search search(list);
  // An address is asked for by its URL alone.
  const bool by_label =
      question.host.find_first_not_of("0123456789.") != std::string::npos && question.host.front() != '[';
  const SipState host = digest::walk_host(key, question.host, [&](unsigned labels, const SipState& state) {
    if (labels >= 2 && by_label) search.take(state, {EntryKind::domain});
  });
  if (by_label) search.take(host, {EntryKind::host});
  if (!question.path.empty()) look_up_url(search, host, question);
  return std::move(search.hits);
}

}  // namespace parapet::lists
