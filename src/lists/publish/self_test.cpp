// SPDX-License-Identifier: Apache-2.0
// Asking the snapshot.
#include "lists/publish/self_test.h"

#include <algorithm>

#include "digest/name.h"
#include "lists/compile/look_up.h"

namespace parapet::lists {
namespace {

using canon::EntryKind;
using digest::SipState;

constexpr std::uint32_t bit(EntryKind kind) { return 1U << static_cast<unsigned>(kind); }

class Question {
 public:
  explicit Question(const snapshot::Snapshot& snapshot) : snapshot_(snapshot) {}

  void choose_line(const SipState& two_labels) { line_ = &snapshot_.line_of(two_labels.low()); }
  void take(const SipState& state, std::uint32_t kinds) {
    const auto digest = state.digest();
    if (line_ == nullptr || !snapshot::Snapshot::may_hold(*line_, digest.low)) return;
    const auto found = snapshot_.find(digest);
    if (found.value == snapshot::kEmptySlot) return;
    for (const auto& rule : snapshot_.rules_of(found)) {
      if ((kinds >> rule.kind & 1) != 0) stopping |= 1U << rule.list;
    }
  }

  std::uint32_t stopping = 0;

 private:
  const snapshot::Snapshot& snapshot_;
  const snapshot::FilterLine* line_ = nullptr;
};

void ask_url(Question& question, const SipState& host, const canon::Entry& asked) {
  const SipState urls = digest::enter_urls(host, asked.port);
  question.take(urls, bit(EntryKind::prefix_below));
  const std::uint32_t exact = asked.query.empty() ? bit(EntryKind::url) : 0;
  const SipState path = digest::walk_path(urls, asked.path, [&](unsigned, const SipState& state, bool last) {
    question.take(state, bit(EntryKind::prefix) | (last ? exact : bit(EntryKind::prefix_below)));
  });
  if (!asked.query.empty()) question.take(digest::enter_query(path, asked.query), bit(EntryKind::url));
}

// Whether every entry of the list that stops the question is among the ids.
bool all_among(const CompileInput& input, const canon::Entry& question, std::span<const EntryId> ids,
               const digest::Key& key) {
  return std::ranges::all_of(look_up(*input.list, question, key),
                             [&](const Hit& hit) { return std::ranges::binary_search(ids, hit.id); });
}

Status check_listed(const snapshot::Snapshot& snapshot, std::size_t index, const CompileInput& input,
                    std::span<const canon::Entry> listed, const digest::Key& key) {
  std::size_t missed = 0;
  for (const auto& entry : listed) {
    const bool stops = (lists_stopping(snapshot, entry, key) >> index & 1) != 0;
    const auto hits = look_up(*input.list, entry, key);
    const bool is_lifted = !hits.empty() && all_among(input, entry, input.lifted, key);
    if (!stops && !is_lifted) ++missed;
  }
  if (missed == 0) return {};
  return fail(ErrorCode::refused, "self-test: " + std::to_string(missed) + " of " + std::to_string(listed.size()) +
                                      " test entries of " + input.list->name + " would not be stopped");
}

}  // namespace

std::uint32_t lists_stopping(const snapshot::Snapshot& snapshot, const canon::Entry& question, const digest::Key& key) {
  Question asked(snapshot);
  const bool by_label =
      question.host.find_first_not_of("0123456789.") != std::string::npos && question.host.front() != '[';
  const SipState host = digest::walk_host(key, question.host, [&](unsigned labels, const SipState& state) {
    if (labels <= 2) asked.choose_line(state);
    if (labels >= 2 && by_label) asked.take(state, bit(EntryKind::domain));
  });
  if (by_label) asked.take(host, bit(EntryKind::host));
  if (!question.path.empty()) ask_url(asked, host, question);
  return asked.stopping;
}

Status check_answers(const snapshot::Snapshot& snapshot, std::span<const CompileInput> inputs,
                     const KnownAnswers& answers, const digest::Key& key) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto own = std::ranges::find(answers.lists, inputs[i].list->name, &KnownAnswers::OfList::list);
    if (own == answers.lists.end()) continue;
    if (auto status = check_listed(snapshot, i, inputs[i], own->listed, key); !status) return status;
  }
  std::size_t stopped = 0;
  for (const auto& host : answers.unlisted) {
    const canon::Entry question{EntryKind::host, host, 0, "", ""};
    const auto stopping = lists_stopping(snapshot, question, key);
    for (std::size_t i = 0; i < inputs.size() && stopping != 0; ++i) {
      if ((stopping >> i & 1) != 0 && !all_among(inputs[i], question, inputs[i].allowed, key)) ++stopped;
    }
  }
  if (stopped == 0) return {};
  return fail(ErrorCode::refused, "self-test: " + std::to_string(stopped) + " of " +
                                      std::to_string(answers.unlisted.size()) + " top sites would be stopped");
}

}  // namespace parapet::lists
