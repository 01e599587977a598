// SPDX-License-Identifier: Apache-2.0
// What a suspension lifts.
#include <sodium.h>
#include <algorithm>
#include <unordered_set>

#include "base/secret.h"
#include "canon/host.h"
#include "lists/compile/entry_id.h"
#include "lists/hold/suspensions.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kPurpose = "parapet suspension 1";

bool by_name(canon::EntryKind kind) { return kind == canon::EntryKind::host || kind == canon::EntryKind::domain; }

// The marks that URL entries on this host bear, on whichever port.
std::unordered_set<std::uint64_t> url_marks(const digest::Words& words) {
  std::unordered_set<std::uint64_t> marks;
  const digest::SipState host = digest::SipState::of_words(words);
  for (unsigned port = 0; port <= 0xffff; ++port) {
    marks.insert(digest::enter_urls(host, static_cast<std::uint16_t>(port)).low());
  }
  return marks;
}

}  // namespace

Result<SuspensionTarget> SuspensionTarget::parse(std::string_view text, const digest::Key& key) {
  SuspensionTarget target;
  if (const auto id = parse_entry_id(text)) {
    target.entry = *id;
    return target;
  }
  canon::Host host;
  if (canon::canonicalise_host(bytes_of(text), host) != canon::HostOutcome::ok || !host.view().contains('.')) {
    return fail(ErrorCode::invalid_argument, "expected an entry id of 16 hexadecimal digits, or a host name");
  }
  target.is_host = true;
  const auto state = digest::walk_host(key, host.view(), [&](unsigned labels, const digest::SipState& at_label) {
    if (labels >= 2) target.suffixes.push_back(at_label.digest());
  });
  target.host_words = state.words();
  wipe(&host, sizeof host);
  return target;
}

approval::Subject SuspensionTarget::subject(const digest::Key& key) const {
  crypto_generichash_state state;
  approval::Subject subject{};
  ::crypto_generichash_init(&state, reinterpret_cast<const unsigned char*>(&key), sizeof key, subject.size());
  const auto add = [&](const void* bytes, std::size_t size) {
    ::crypto_generichash_update(&state, static_cast<const unsigned char*>(bytes), size);
  };
  add(kPurpose.data(), kPurpose.size());
  add(&entry.value, sizeof entry.value);
  add(host_words.data(), sizeof host_words);
  ::crypto_generichash_final(&state, subject.data(), subject.size());
  return subject;
}

std::vector<EntryId> SuspensionTarget::entries_of(const DigestedList& list) const {
  std::vector<EntryId> ids;
  if (!is_host) {
    if (std::ranges::find(list.entries, entry.value, &digest::DigestedEntry::id) != list.entries.end()) {
      ids.push_back(entry);
    }
    return ids;
  }
  const auto marks = url_marks(host_words);
  for (const auto& each : list.entries) {
    const auto suffix = std::ranges::find(suffixes, each.digest);
    const bool is_whole = suffix != suffixes.end() && suffix + 1 == suffixes.end();
    const bool stops_host = suffix != suffixes.end() && (is_whole || each.kind == canon::EntryKind::domain);
    const bool stands_on_it = !by_name(each.kind) && marks.contains(each.url_mark);
    if ((by_name(each.kind) && stops_host) || stands_on_it) ids.push_back(EntryId{each.id});
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace parapet::lists
