// SPDX-License-Identifier: Apache-2.0
// What people ask of the updater, and what ends by itself.
#include <algorithm>

#include "lists/hold/test_entries.h"
#include "lists/update/updater.h"

namespace parapet::lists {
namespace {

// A list of millions of entries is taken in for longer; until then the status before it is told.
constexpr std::chrono::seconds kStatusPatience{1};
constexpr ChangeWays kAdds{.adds = true}, kRemoves{.removes = true};

HeldStatus status_of_held(const HeldList& held, const config::ChangeLimits& limits, std::uint64_t now_s) {
  return {.subject = held.tally.subject(),
          .since_realtime_ns = held.held_realtime_ns,
          .entries = held.list.entries.size(),
          .findings = held.findings,
          .withdrawal = held.is_withdrawal(),
          .people_needed = held.people_needed(),
          .approved_by = held.tally.people(now_s),
          .waited_s = held.waited_s,
          .wait_s = held.is_withdrawal() ? limits.withdrawal_wait_s : 0};
}

ScopeStatus status_of_scope(const Scope& scope) {
  ScopeStatus status{.state = scope.state(), .accepted = scope.accepted(), .error_code = {}, .error_context = {}};
  if (status.state == ScopeState::refused) {
    status.error_code = name_of(scope.error().code);
    status.error_context = scope.error().context;
  }
  return status;
}

}  // namespace

Updater::Source* Updater::find_source(const std::string& name) const {
  const auto at = std::ranges::find_if(sources_, [&](const auto& source) { return source->options.name == name; });
  return at == sources_.end() ? nullptr : at->get();
}

// What people decided is kept already; they are told where it does not reach traffic.
Status Updater::publish_at_once() {
  publish();
  if (!publishing_.is_due()) return {};
  return fail(ErrorCode::io, "it is decided and kept, but not published: " + publishing_.state().error_context);
}

// Once for each version and end, not for each question.
void Updater::count_ledger(Source& source) const {
  const std::uint64_t now_s = rules().trusted_now_s();
  const std::uint32_t next_end_s = source.status.ledger.next_end_s;
  const bool is_due = source.ledger_of != source.intake.list() || (next_end_s != 0 && now_s >= next_end_s);
  if (!is_due) return;
  source.ledger_of = source.intake.list();
  source.status.ledger = make_ledger(*source.ledger_of, now_s);
}

UpdateStatus Updater::status() const {
  const std::unique_lock lock(mutex_, kStatusPatience);
  const std::lock_guard told(told_mutex_);
  if (lock) told_ = status_now();
  return told_;
}

UpdateStatus Updater::status_now() const {
  UpdateStatus status{.sources = {},
                      .published = publishing_.state(),
                      .suspensions = {},
                      .generations = publishing_.generations().all(),
                      .clock_suspect = trusted_clock_.suspect(),
                      .scope = status_of_scope(state_.scope)};
  const auto in_force = inputs();
  for (const auto& source : sources_) {
    count_ledger(*source);
    auto one = source->status;
    one.state = state_of(*source);
    one.configured_state = source->options.state;
    one.in_scope = state_.scope.allows(source->options.legal.category);
    const Nanoseconds max_stale_ns = source->options.standing.max_stale_s * kNanosecondsPerSecond;
    one.is_stale = source->intake.list() != nullptr && max_stale_ns != 0 &&
                   trusted_clock_.now_realtime_ns() >= source->confirmed_realtime_ns + max_stale_ns;
    one.is_told_of_suspensions = source->options.report.is_wanted();
    if (one.is_told_of_suspensions) one.reports_waiting = Outbox(source->options.report.directory).waiting().size();
    if (const auto& list = source->intake.list()) {
      one.loaded = true;
      one.sequence = list->sequence;
      one.entries = list->entries.size();
      one.etag_known = !list->etag.empty();
      one.fetched_realtime_ns = list->fetched_realtime_ns;
    }
    const auto input = std::ranges::find_if(in_force, [&](const auto& each) { return each.list->name == one.name; });
    if (input != in_force.end()) one.lifted = input->lifted.size();
    const auto* shadow = shadow_hits_.find(one.name);
    if (shadow != nullptr && one.state == config::SourceState::shadow) one.shadow = *shadow;
    if (const auto* held = source->intake.held()) {
      one.held = status_of_held(*held, source->options.change, rules().trusted_now_s());
    }
    status.sources.push_back(std::move(one));
  }
  for (const auto& suspension : state_.suspensions.all()) status.suspensions.push_back(status_of(suspension));
  return status;
}

Result<ListsThen> Updater::lists_at(std::optional<Nanoseconds> realtime_ns) const {
  const std::lock_guard lock(mutex_);
  if (!realtime_ns) return ListsThen{publishing_.state().generation, inputs()};
  const auto kept = publishing_.generations().all();  // the newest first
  const auto at =
      std::ranges::find_if(kept, [&](const auto& each) { return each.created_realtime_ns <= *realtime_ns; });
  if (at == kept.end()) {
    return fail(ErrorCode::not_found, "the lists of that time are not kept any more: the last " +
                                          std::to_string(kKeptGenerations) + " generations are");
  }
  std::vector<CompileInput> inputs;
  for (const auto& list : at->lists) {
    auto loaded = publishing_.generations().load(list);
    if (!loaded) return std::unexpected(loaded.error());
    inputs.push_back({.state = list.state,
                      .list = std::make_shared<const DigestedList>(std::move(*loaded)),
                      .lifted = {},
                      .allowed = {}});
  }
  return ListsThen{at->generation, std::move(inputs)};
}

Nanoseconds Updater::trusted_now_realtime_ns() const {
  const std::lock_guard lock(mutex_);
  return trusted_clock_.now_realtime_ns();
}

Result<Updater::Outlook> Updater::foresee(const std::string& name, const GuardedList& read) const {
  const std::lock_guard lock(mutex_);
  const auto* source = find_source(name);
  if (source == nullptr) return fail(ErrorCode::not_found, "control.toml has no source of that name");
  if (source->options.state == config::SourceState::off) return fail(ErrorCode::refused, "the source is off");
  const auto test_entries = load_test_entries(source->options.test_entries_file);
  auto intake_rules = rules();
  intake_rules.test_entries = &test_entries;
  intake_rules.may_take = state_.scope.check_new_list(source->options.legal.category);
  auto foreseen = source->intake.foresee(read, intake_rules);
  if (!foreseen) return std::unexpected(foreseen.error());
  Outlook outlook{std::move(*foreseen), 0, {}, source->intake.list() == nullptr};
  if (outlook.is_first) return outlook;
  outlook.in_force = source->intake.list()->entries.size();
  outlook.change = count_change(source->intake.list()->entries, read.list.entries);
  return outlook;
}

Result<approval::Outcome> Updater::decide(const approval::SignedStatement& said) {
  const std::lock_guard lock(mutex_);
  auto* source = find_source(said.statement.about);
  if (source == nullptr) return fail(ErrorCode::not_found, "control.toml has no source of that name");
  if (refresh_scope()) publishing_.change(needs_.clock.realtime_ns(), {});
  auto intake_rules = rules();
  intake_rules.may_take = state_.scope.check_new_list(source->options.legal.category);
  const auto outcome = source->intake.decide(said, intake_rules);
  if (!outcome) return outcome;
  needs_.observer.on_decision(said, *outcome);
  if (*outcome == approval::Outcome::approved) {
    note_accepted(*source, needs_.clock.realtime_ns());
    if (auto status = publish_at_once(); !status) return std::unexpected(status.error());
  }
  return outcome;
}

Result<Generation> Updater::go_back_to(Generation generation, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const auto kept = publishing_.generations().all();
  const auto at = std::ranges::find(kept, generation, &KeptGeneration::generation);
  if (at == kept.end()) {
    return fail(ErrorCode::not_found,
                "generation " + std::to_string(generation) + " is not kept: parapet rollback --list");
  }
  std::vector<std::pair<Source*, DigestedList>> versions;  // all of them, before any is put back
  for (const auto& list : at->lists) {
    auto* source = find_source(list.name);
    if (source == nullptr || source->intake.list() == nullptr) continue;
    auto loaded = publishing_.generations().load(list);
    if (!loaded) return std::unexpected(loaded.error().within("list " + list.name));
    versions.emplace_back(source, std::move(*loaded));
  }
  const std::string why = "gone back from, to generation " + std::to_string(generation);
  ChangeWays ways;
  for (auto& [source, version] : versions) {
    if (auto status = source->intake.go_back_to(std::move(version), why, rules()); !status) {
      return std::unexpected(status.error());
    }
    ways |= source->intake.last_change();
  }
  needs_.observer.on_went_back(generation, reason);
  publishing_.change(needs_.clock.realtime_ns(), ways);
  if (auto status = publish_at_once(); !status) return std::unexpected(status.error());
  return publishing_.state().generation;
}

Status Updater::turn(const std::string& source, config::SourceState state, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const auto* turned = find_source(source);
  if (turned == nullptr) return fail(ErrorCode::not_found, "control.toml has no source of that name");
  const bool enforced = state_of(*turned) == config::SourceState::enforce;
  if (auto status = state_.switches.turn(source, state); !status) return status;
  needs_.observer.on_switched(source, state, reason);
  const bool enforces = state_of(*turned) == config::SourceState::enforce;
  publishing_.change(needs_.clock.realtime_ns(), {.adds = enforces && !enforced, .removes = enforced && !enforces});
  return publish_at_once();
}

std::vector<EntryId> Updater::entries_of(const SuspensionTarget& target) const {
  std::vector<EntryId> ids;
  for (const auto& source : sources_) {
    if (source->intake.list() == nullptr) continue;
    const auto of_list = target.entries_of(*source->intake.list());
    ids.insert(ids.end(), of_list.begin(), of_list.end());
  }
  return ids;
}

SuspensionStatus Updater::status_of(const Suspension& suspension) const {
  return {suspension, entries_of(suspension.target).size(), suspension.target.subject(needs_.key)};
}

Result<approval::Subject> Updater::suspension_subject(std::string_view target) const {
  auto parsed = SuspensionTarget::parse(target, needs_.key);
  if (!parsed) return std::unexpected(parsed.error());
  return parsed->subject(needs_.key);
}

Result<SuspensionStatus> Updater::suspend(std::string_view text, const std::string& reason,
                                          const approval::SignedStatement& said) {
  const std::lock_guard lock(mutex_);
  auto target = SuspensionTarget::parse(text, needs_.key);
  if (!target) return std::unexpected(target.error());
  if (!is_reason(reason)) {
    return fail(ErrorCode::invalid_argument, "reason: expected letters, digits, blanks, '-' and '#', at most 200");
  }
  const auto& statement = said.statement;
  if (statement.act != approval::Act::suspend || statement.subject != target->subject(needs_.key) ||
      statement.decision != approval::Decision::approve) {
    return fail(ErrorCode::refused, "the statement is about something else");
  }
  const auto now = rules().trusted_now_s();
  if (auto status = approval::verify(said, options_.approvers, now); !status) return std::unexpected(status.error());
  const auto entries = entries_of(*target);
  if (entries.empty()) return fail(ErrorCode::not_found, "no list has such an entry");
  auto begun = state_.suspensions.begin(std::move(*target), reason, statement.by, now);
  if (!begun) return std::unexpected(begun.error());
  needs_.observer.on_suspension(SuspensionEvent::begun, *begun, entries);
  publishing_.change(needs_.clock.realtime_ns(), kRemoves);
  const auto published = publish_at_once();
  report_suspension(SuspensionEvent::begun, *begun);
  if (!published) return std::unexpected(published.error());
  return status_of(*begun);
}

Result<SuspensionStatus> Updater::answer_suspension(std::uint64_t number, const approval::SignedStatement& said) {
  const std::lock_guard lock(mutex_);
  const auto* known = state_.suspensions.find(number);
  if (known == nullptr) return fail(ErrorCode::not_found, "there is no suspension " + std::to_string(number));
  const auto& statement = said.statement;
  if (statement.act != approval::Act::suspend || statement.subject != known->target.subject(needs_.key)) {
    return fail(ErrorCode::refused, "the statement is about something else");
  }
  const auto now = rules().trusted_now_s();
  if (auto status = approval::verify(said, options_.approvers, now); !status) return std::unexpected(status.error());
  const bool confirms = statement.decision == approval::Decision::approve;
  auto answered = confirms ? state_.suspensions.confirm(number, statement.by, now) : state_.suspensions.end(number);
  if (!answered) return std::unexpected(answered.error());
  const auto entries = entries_of(answered->target);
  const auto event = confirms ? SuspensionEvent::confirmed : SuspensionEvent::ended;
  needs_.observer.on_suspension(event, *answered, entries);
  publishing_.change(needs_.clock.realtime_ns(), confirms ? ChangeWays{} : kAdds);
  const auto published = publish_at_once();
  report_suspension(event, *answered);
  if (!published) return std::unexpected(published.error());
  return SuspensionStatus{*answered, entries.size(), answered->target.subject(needs_.key)};
}

bool Updater::end_what_is_over(std::uint64_t passed_s) {
  trusted_clock_.keep();
  const auto now_realtime_ns = trusted_clock_.now_realtime_ns();
  const auto has_list = [](const auto& source) { return source->intake.list() != nullptr; };
  bool changed = refresh_scope() && std::ranges::any_of(sources_, has_list);
  ChangeWays ways;
  if (auto ended = state_.suspensions.end_due(now_realtime_ns / kNanosecondsPerSecond)) {
    for (const auto& suspension : *ended) {
      needs_.observer.on_suspension(SuspensionEvent::expired, suspension, entries_of(suspension.target));
      ways |= kAdds;
      report_suspension(SuspensionEvent::expired, suspension);
      changed = true;
    }
  }
  for (auto& source : sources_) {
    const auto taken = source->intake.wait(passed_s, rules());
    if (taken && *taken) {
      needs_.observer.on_withdrawal_taken(*source->intake.list());
      note_accepted(*source, needs_.clock.realtime_ns());
      changed = true;
    }
    auto over = source->intake.lifted(now_realtime_ns);
    if (over == source->allowance_over) continue;
    if (!over.empty()) needs_.observer.on_allowance_over(source->options.name, over);
    source->allowance_over = std::move(over);
    ways |= kRemoves;
    changed = true;
  }
  if (changed) publishing_.change(needs_.clock.realtime_ns(), ways);
  return changed;
}

}  // namespace parapet::lists
