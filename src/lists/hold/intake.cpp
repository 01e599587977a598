// SPDX-License-Identifier: Apache-2.0
// Taking, holding, refusing.
#include "lists/hold/intake.h"

#include <algorithm>

#include "lists/compile/look_up.h"
#include "lists/guard/change.h"
#include "lists/guard/guard.h"
#include "lists/publish/keyed_file.h"
#include "lists/verify/order.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxHeldFile = (1 << 20) + 48 * kMaxEntries;
constexpr std::size_t kMaxSaidFile = 1 << 16;
constexpr std::size_t kMaxDismissedFile = 4096;

// People can name so many entries and no more.
Status check_releasable(const Findings& findings) {
  for (const auto& finding : findings) {
    if (is_never_block(finding.rule) && finding.count > kMaxNamedEntries) {
      return fail(ErrorCode::refused, std::to_string(finding.count) +
                                          " of its entries are names that no list may stop (" +
                                          std::string(name_of(finding.rule)) + "); at most " +
                                          std::to_string(kMaxNamedEntries) + " can be released");
    }
  }
  return {};
}

// What guards saw in a held base stays in what increments make of it, where the entry does.
void carry_findings(const Findings& of_base, const DigestedList& list, Findings& findings) {
  std::vector<EntryId> ids;
  for (const auto& entry : list.entries) ids.push_back(EntryId{entry.id});
  std::ranges::sort(ids);
  for (const auto& finding : of_base) {
    if (finding.rule == GuardRule::guard_data) add_finding(findings, finding.rule, finding.note);
    if (!is_never_block(finding.rule)) continue;
    const auto seen = std::ranges::find(findings, finding.rule, &Finding::rule);
    const auto known = seen == findings.end() ? std::vector<EntryId>{} : seen->entries;
    for (const EntryId id : finding.entries) {
      const bool is_new = std::ranges::find(known, id) == known.end();
      if (is_new && std::ranges::binary_search(ids, id)) add_finding(findings, finding.rule, id);
    }
  }
}

// The hotline's own test entries are in each of its lists; one without them is another's, or a part.
void judge_test_entries(const DigestedList& list, const IntakeRules& rules, const digest::Key& key,
                        Findings& findings) {
  if (rules.test_entries == nullptr || list.entries.empty()) return;  // an empty one says what it takes back
  const auto& wanted = *rules.test_entries;
  if (!wanted) return add_finding(findings, GuardRule::self_test, wanted.error().context);
  const auto is_missing = [&](const canon::Entry& entry) {
    return std::ranges::all_of(look_up(list, entry, key),
                               [&](const Hit& hit) { return hit.ends_s != 0 && hit.ends_s <= rules.trusted_now_s(); });
  };
  const auto missing = std::ranges::count_if(*wanted, is_missing);
  if (missing == 0) return;
  add_finding(findings, GuardRule::self_test,
              std::to_string(missing) + " of " + std::to_string(wanted->size()) + " test entries are not in it");
}

}  // namespace

Status make_intake_folders(const std::string& state_directory) {
  for (const char* folder : {"/held", "/said", "/dismissed", "/overrides", "/sizes"}) {
    if (auto status = make_private_folder(state_directory + folder); !status) return status;
  }
  return {};
}

Intake::Intake(const config::SourceOptions& source, const std::string& state_directory, const SourceStore& store,
               const digest::Key& key)
    : source_(&source),
      held_file_(state_directory + "/held/" + source.name),
      said_file_(state_directory + "/said/" + source.name),
      dismissed_file_(state_directory + "/dismissed/" + source.name),
      overrides_file_(state_directory + "/overrides/" + source.name),
      store_(&store),
      key_(&key),
      sizes_(state_directory + "/sizes/" + source.name) {}

Status Intake::load(const IntakeRules& rules) {
  for (const auto& path : {held_file_, said_file_, dismissed_file_, overrides_file_}) remove_unfinished(path);
  auto overrides = Overrides::load(overrides_file_, *key_);
  // Without what people allowed, what they allowed is held again: nothing is stopped that should not be.
  if (!overrides) {
    if (auto status = remove_file(overrides_file_); !status) return status;
    overrides = Overrides::load(overrides_file_, *key_);
  }
  if (!overrides) return std::unexpected(overrides.error());
  overrides_.emplace(std::move(*overrides));
  if (auto bytes = read_keyed_file(dismissed_file_, kMaxDismissedFile, *key_)) {
    if (auto dismissed = parse_dismissed_list(*bytes)) dismissed_ = std::move(*dismissed);
  }
  auto list = store_->load(source_->name);
  if (!list) return std::unexpected(list.error());
  list_ = std::make_shared<const DigestedList>(std::move(*list));
  if (auto bytes = read_keyed_file(held_file_, kMaxHeldFile, *key_)) {
    auto held = parse_held_list(*bytes, *key_);
    // It was accepted already where only its file was left behind.
    if (held && held->list.name == source_->name && held->tally.subject() != subject_of(*list_))
      held_ = std::move(*held);
  }
  if (held_) {
    if (auto said = read_keyed_file(said_file_, kMaxSaidFile, *key_)) {
      recall_said(*said, *held_, rules.approvers, rules.trusted_now_s());
    }
  }
  return held_ ? Status{} : drop_held();
}

// An old list comes back neither behind the one in force nor behind one that waits or was refused.
Status Intake::check_newer(const DigestedList& offered) const {
  if (source_->keys.empty()) return {};
  if (list_) {
    if (auto status = check_order(list_->signed_order, offered.signed_order, list_->entries == offered.entries);
        !status) {
      return status;
    }
  }
  const auto subject = subject_of(offered);
  if (held_) {
    const bool same = held_->tally.subject() == subject;
    if (auto status = check_order(held_->list.signed_order, offered.signed_order, same); !status) return status;
  }
  if (dismissed_) return check_order(dismissed_->signed_order, offered.signed_order, dismissed_->subject == subject);
  return {};
}

// The list that an increment makes of its base, with what guards saw in both. Of a base that is held they saw what
// people have not decided on yet; what they saw in one that is in force was decided.
Result<GuardedList> Intake::make_whole(GuardedList read, const Succession& succession) const {
  auto list = apply_increment(*succession.base, read.list, *read.increment);
  if (!list) return std::unexpected(list.error().within("increment"));
  const bool may_be_empty = source_->allow_empty || list->signed_order.is_signed();
  if (auto status = guard_list(list->entries.size(), may_be_empty); !status) return std::unexpected(status.error());
  list->place = list_ ? list_->place : ListPlace{.version = 0, .whole_entries = list->entries.size()};
  list->place.version = read.list.place.version;
  if (succession.base_is_held) carry_findings(held_->findings, *list, read.findings);
  return GuardedList{std::move(*list), std::move(read.findings)};
}

Status Intake::can_apply(const GuardedList& read) const {
  const auto succession = succession_of(read);
  if (succession.follows == Follows::gap) return check_succession(succession, read, list_.get(), held());
  if (succession.follows != Follows::fits) return {};
  const auto list = apply_increment(*succession.base, read.list, *read.increment);
  return list ? Status{} : std::unexpected(list.error().within("increment"));
}

Result<Findings> Intake::judge(const GuardedList& read, bool by_increment, const IntakeRules& rules,
                               ListPlace& place) const {
  if (auto status = check_releasable(read.findings); !status) return std::unexpected(status.error());
  const auto median = sizes_.median(rules.trusted_now_realtime_ns);
  if (auto status = judge_size(read.list.entries.size(), median, source_->change); !status) {
    return std::unexpected(status.error());
  }
  Findings findings;
  if (list_) {
    const ChangesBefore before{place.whole_entries, {place.added, place.removed}};
    const auto change = judge_change(list_->entries, read.list.entries, rules.trusted_now_s(), source_->change,
                                     findings, by_increment ? &before : nullptr);
    if (by_increment) {
      place.added += change.added;
      place.removed += change.removed;
    }
  }
  const auto open = overrides_->without_allowed(read.findings, rules.trusted_now_s());
  findings.insert(findings.end(), open.begin(), open.end());
  judge_test_entries(read.list, rules, *key_, findings);
  return findings;
}

Result<Foreseen> Intake::foresee(const GuardedList& read, bool by_increment, const IntakeRules& rules) const {
  Foreseen foreseen{Taken::unchanged, {}, read.list.place};
  if (list_ && list_->entries == read.list.entries) return foreseen;
  if (!rules.may_take) return std::unexpected(rules.may_take.error().within("scope"));
  const auto subject = subject_of(read.list);
  if (dismissed_ && dismissed_->subject == subject) {
    return fail(ErrorCode::refused, "this version was " + dismissed_->why + "; another one must follow");
  }
  auto findings = judge(read, by_increment, rules, foreseen.place);
  if (!findings) return std::unexpected(findings.error().within("guard"));
  foreseen.findings = std::move(*findings);
  const bool waits_already = held_ && held_->tally.subject() == subject;
  foreseen.taken = foreseen.findings.empty() ? Taken::accepted : waits_already ? Taken::still_held : Taken::held;
  return foreseen;
}

Result<Taken> Intake::take(GuardedList read, Nanoseconds fetched_realtime_ns, const IntakeRules& rules) {
  const auto succession = succession_of(read);
  if (auto status = check_succession(succession, read, list_.get(), held()); !status) {
    return std::unexpected(status.error().within("verify"));
  }
  if (succession.follows == Follows::repeat) return take_repeat(read, succession, rules);
  const bool by_increment = succession.follows == Follows::fits;
  if (by_increment) {
    auto whole = make_whole(std::move(read), succession);
    if (!whole) return std::unexpected(whole.error());
    read = std::move(*whole);
  } else if (read.list.place.version != 0) {
    read.list.place = {read.list.place.version, read.list.entries.size(), 0, 0};
  }
  read.list.fetched_realtime_ns = fetched_realtime_ns;
  if (auto status = check_newer(read.list); !status) return std::unexpected(status.error().within("verify"));
  auto foreseen = foresee(read, by_increment, rules);
  if (!foreseen) return std::unexpected(foreseen.error());
  read.list.place = foreseen->place;
  const auto taken = foreseen->taken;
  if (taken == Taken::still_held) return stay_held(read.list.place);
  if (taken == Taken::unchanged) {
    // The source is back at what is in force: nothing waits any more.
    if (auto status = drop_held(); !status) return std::unexpected(status.error());
  }
  if (auto status = keep_entries(rules, taken != Taken::unchanged); !status) return std::unexpected(status.error());
  auto status = taken == Taken::held ? hold(std::move(read.list), std::move(foreseen->findings), rules)
                                     : accept(std::move(read.list), rules);
  if (!status) return std::unexpected(status.error());
  return taken;
}

// What people said of it so far counts for the same entries under another number.
Result<Taken> Intake::stay_held(const ListPlace& place) {
  if (held_->list.place == place) return Taken::still_held;
  held_->list.place = place;
  if (auto status = keep_held(*held_); !status) return std::unexpected(status.error());
  return Taken::still_held;
}

// It says nothing new; only what to ask the source with next time.
Result<Taken> Intake::take_repeat(const GuardedList& read, const Succession& succession, const IntakeRules& rules) {
  if (succession.base_is_held) return Taken::still_held;
  DigestedList again = *list_;
  again.etag = read.list.etag;
  again.last_modified = read.list.last_modified;
  if (auto status = accept(std::move(again), rules); !status) return std::unexpected(status.error());
  return Taken::unchanged;
}

// Before the list itself is kept: one that is in force can be told of.
Status Intake::keep_entries(const IntakeRules& rules, bool is_new) const {
  if (!rules.keep_entries) return {};
  auto kept = rules.keep_entries((list_ ? list_->sequence : 0) + (is_new ? 1 : 0), is_new);
  return kept ? kept : std::unexpected(kept.error().within("archive"));
}

Status Intake::accept(DigestedList list, const IntakeRules& rules) {
  const bool same = list_ && list_->entries == list.entries;
  list.sequence = (list_ ? list_->sequence : 0) + (same ? 0 : 1);
  const bool stored_already = same && list_->etag == list.etag && list_->last_modified == list.last_modified &&
                              list_->signed_order == list.signed_order && list_->place == list.place;
  if (!stored_already) {
    if (auto status = store_->store(list); !status) return std::unexpected(status.error().within("keeping the list"));
  }
  if (!same) {
    const auto before =
        list_ ? std::span<const digest::DigestedEntry>(list_->entries) : std::span<const digest::DigestedEntry>{};
    last_change_ = ways_between(before, list.entries);
  }
  list_ = std::make_shared<const DigestedList>(std::move(list));
  if (same) return {};
  if (auto status = sizes_.add(list_->entries.size(), rules.trusted_now_realtime_ns); !status) return status;
  if (auto status = overrides_->forget_all_but(*list_); !status) return status;
  return drop_held();
}

Status Intake::hold(DigestedList list, Findings findings, const IntakeRules& rules) {
  HeldList held(std::move(list), std::move(findings));
  held.held_realtime_ns = rules.trusted_now_realtime_ns;
  if (auto status = keep_held(held); !status) return status;
  held_.emplace(std::move(held));
  return {};
}

Status Intake::keep_held(const HeldList& held) const {
  auto kept = write_keyed_file(held_file_, format_held_list(held, *key_), *key_);
  return kept ? kept : std::unexpected(kept.error().within("keeping the held list"));
}

Status Intake::keep_said() const { return write_keyed_file(said_file_, format_said(*held_), *key_); }

// What people released, or nobody stopped, is what later increments are judged against.
Status Intake::accept_settled(const DigestedList& list, const IntakeRules& rules) {
  DigestedList settled = list;
  if (settled.place.version != 0) settled.place = {settled.place.version, settled.entries.size(), 0, 0};
  return accept(std::move(settled), rules);
}

Status Intake::drop_held() {
  held_.reset();
  if (auto status = remove_file(said_file_); !status) return status;
  return remove_file(held_file_);
}

Status Intake::dismiss(DismissedList dismissed) {
  if (auto status = write_keyed_file(dismissed_file_, format_dismissed_list(dismissed), *key_); !status) return status;
  dismissed_ = std::move(dismissed);
  return {};
}

Result<approval::Outcome> Intake::decide(const approval::SignedStatement& said, const IntakeRules& rules) {
  if (!held_) return fail(ErrorCode::not_found, "no version of this list waits for a decision");
  const bool approves = said.statement.decision == approval::Decision::approve;
  if (approves && !rules.may_take) return std::unexpected(rules.may_take.error().within("scope"));
  const auto now = rules.trusted_now_s();
  approval::Tally tally = held_->tally;
  if (auto status = tally.take(said, rules.approvers, now); !status) return std::unexpected(status.error());
  held_->tally = std::move(tally);
  const auto outcome = held_->tally.outcome(held_->people_needed(), now);
  if (outcome == approval::Outcome::open) {
    auto status = keep_said();
    if (!status) return std::unexpected(status.error().within("keeping the statement"));
    return outcome;
  }
  if (outcome == approval::Outcome::refused) {
    auto status = dismiss({held_->tally.subject(), held_->list.signed_order, "refused by " + said.statement.by});
    if (status) status = drop_held();
    if (!status) return std::unexpected(status.error());
    return outcome;
  }
  auto status = overrides_->allow(held_->findings, now);
  if (status) status = accept_settled(held_->list, rules);
  if (!status) return std::unexpected(status.error());
  return outcome;
}

Result<bool> Intake::wait(std::uint64_t seconds, const IntakeRules& rules) {
  if (!held_ || !held_->is_withdrawal() || seconds == 0) return false;
  const auto minutes_before = held_->waited_s / 60;
  held_->waited_s += seconds;
  if (held_->waited_s >= source_->change.withdrawal_wait_s) {
    if (auto status = accept_settled(held_->list, rules); !status) return std::unexpected(status.error());
    return true;
  }
  if (held_->waited_s / 60 != minutes_before) {
    if (auto status = keep_said(); !status) return std::unexpected(status.error());
  }
  return false;
}

Status Intake::go_back_to(DigestedList list, std::string why, const IntakeRules& rules) {
  if (!list_) return fail(ErrorCode::not_found, "no version of this list is in force");
  if (list_->entries == list.entries) return {};
  if (auto status = dismiss({subject_of(*list_), list_->signed_order, std::move(why)}); !status) return status;
  if (auto status = drop_held(); !status) return status;
  return accept(std::move(list), rules);
}

const DigestedList* Intake::newest() const noexcept {
  if (!held_) return list_.get();
  const bool by_data =
      std::ranges::find(held_->findings, GuardRule::guard_data, &Finding::rule) != held_->findings.end();
  return by_data ? nullptr : &held_->list;
}

std::vector<EntryId> Intake::allowed() const { return overrides_ ? overrides_->all() : std::vector<EntryId>{}; }

std::vector<EntryId> Intake::lifted(Nanoseconds trusted_now_realtime_ns) const {
  return overrides_ ? overrides_->over(trusted_now_realtime_ns / kNanosecondsPerSecond) : std::vector<EntryId>{};
}

}  // namespace parapet::lists
