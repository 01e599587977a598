// SPDX-License-Identifier: Apache-2.0
// Revealing.
#include "control/reveal.h"

#include "base/log.h"
#include "lists/compile/entry_id.h"

namespace parapet::control {

void Revealer::forget_expired(std::uint64_t now_realtime_s) {
  std::erase_if(open_, [&](const auto& each) { return each.second.people(now_realtime_s).empty(); });
}

Result<Revealed> Revealer::reveal(const std::string& source, EntryId id, const approval::SignedStatement& said) {
  if (archive_ == nullptr) {
    return fail(ErrorCode::unsupported, "no archive is kept: archive_key_file of control.toml is empty");
  }
  const std::uint64_t now = clock_.realtime_ns() / kNanosecondsPerSecond;
  forget_expired(now);
  const Key key{source, id};
  auto at = open_.find(key);
  approval::Tally tally =
      at != open_.end() ? at->second : approval::Tally(approval::Act::reveal, approval::subject_of_entry(id), source);
  if (auto status = tally.take(said, approvers_, now); !status) return std::unexpected(status.error());
  const auto outcome = tally.outcome(2, now);
  const auto id_text = lists::format_entry_id(id);
  log_event(LogLevel::warn, "reveal",
            {{"source", source},
             {"entry_id", id_text},
             {"approver", said.statement.by},
             {"outcome", approval::name_of(outcome)}});
  auto recorded = audit_.append("reveal", {{"source", source},
                                           {"entry_id", id_text},
                                           {"approver", said.statement.by},
                                           {"signature", said.signature},
                                           {"outcome", approval::name_of(outcome)}});
  if (!recorded) {
    log_error("audit_failed", recorded.error());
    return fail(ErrorCode::io, "the audit log takes no record, so there is no answer");
  }
  Revealed revealed{.people = tally.people(now), .text = {}};
  if (outcome == approval::Outcome::open) {
    if (at == open_.end() && open_.size() >= kMaxOpenReveals) {
      return fail(ErrorCode::limit, "too many entries wait for a second person already");
    }
    open_.insert_or_assign(key, std::move(tally));
    return revealed;
  }
  open_.erase(key);
  if (outcome == approval::Outcome::refused) return fail(ErrorCode::refused, "it was refused by " + said.statement.by);
  auto found = archive_->find(source, id);
  if (!found) return std::unexpected(found.error());
  revealed.text = std::move(found->entry.canonical_text);
  revealed.version = found->number;
  revealed.line = found->entry.line;
  return revealed;
}

}  // namespace parapet::control
