// SPDX-License-Identifier: Apache-2.0
// Asking the snapshot.
#include "lists/publish/self_test.h"

#include <algorithm>

#include "lists/compile/look_up.h"
#include "lists/compile/question_walk.h"

namespace parapet::lists {
namespace {

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
  std::uint32_t stopping = 0;
  const snapshot::FilterLine* line = nullptr;
  const auto choose_line = [&](unsigned labels, const digest::SipState& state) {
    if (labels <= 2) line = &snapshot.line_of(state.low());
  };
  const auto take = [&](const digest::SipState& state, std::uint32_t kinds) {
    const auto digest = state.digest();
    if (!snapshot::Snapshot::may_hold(*line, digest.low)) return;
    const auto found = snapshot.find(digest);
    if (found.value == snapshot::kEmptySlot) return;
    for (const auto& rule : snapshot.rules_of(found)) {
      if (has_kind(kinds, static_cast<canon::EntryKind>(rule.kind))) stopping |= 1U << rule.list;
    }
  };
  walk_question(question, key, choose_line, take);
  return stopping;
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
    const canon::Entry question{canon::EntryKind::host, host, 0, "", ""};
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
