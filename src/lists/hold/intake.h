// SPDX-License-Identifier: Apache-2.0
// One source's desk: what arrives is taken, held for people, or refused; the last good list stays until then.
//
//   guarded list → order → size and change → findings that nobody allowed? ── none → accepted, kept on disk
//                                                        └──── some → held, until two people release it
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "approval/tally.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/guarded_list.h"
#include "lists/guard/change.h"
#include "lists/guard/size_history.h"
#include "lists/hold/held_list.h"
#include "lists/hold/overrides.h"
#include "lists/hold/succession.h"
#include "lists/publish/source_store.h"

namespace parapet::lists {

enum class Taken : std::uint8_t { unchanged, accepted, held, still_held };

// What would become of a version that is at hand.
struct Foreseen {
  Taken taken = Taken::accepted;
  Findings findings;  // held: why
  ListPlace place;    // where it stands among its source's increments
};

// The people and the time by which they are judged.
struct IntakeRules {
  std::span<const config::Approver> approvers;
  Nanoseconds trusted_now_realtime_ns = 0;
  const Result<std::vector<canon::Entry>>* test_entries = nullptr;  // of this source; null: it has none
  // Keeps the entries of the list at hand, in clear behind a key, under the number that it has or will have; is_new: in
  // place of what stands there. Null: they are not kept.
  std::function<Status(std::uint64_t number, bool is_new)> keep_entries = nullptr;
  Status may_take = {};  // whether a version other than the one in force may be taken or released (lists/hold/scope.h)
  std::uint64_t trusted_now_s() const noexcept { return trusted_now_realtime_ns / kNanosecondsPerSecond; }
};

// Everything it decides is on disk before it returns.  thread: callers take turns.  All references must outlive it.
class Intake {
 public:
  Intake(const config::SourceOptions& source, const std::string& state_directory, const SourceStore& store,
         const digest::Key& key);

  // Loads the last good list and what waits beside it.
  //   errors  of the last good list: not_found · malformed · integrity · io. What waits is then dropped and fetched
  //   anew
  Status load(const IntakeRules& rules);

  // An increment is applied to its base first, and what comes of it is judged as a whole list is, together with all
  // increments since the last version that came whole or that people released.
  //   errors  those of may_take · refused: out of order, too large, a version that people refused, more names that no
  //           list may stop than could be released, an increment without its base · io
  Result<Taken> take(GuardedList read, Nanoseconds fetched_realtime_ns, const IntakeRules& rules);

  // How what was read follows what is here; valid until the next call that is not const.
  Succession succession_of(const GuardedList& read) const { return find_succession(read, list_.get(), held()); }

  // Whether an increment's base is here and has what it removes; anything else can be applied.
  //   errors  refused
  Status can_apply(const GuardedList& read) const;

  // What take() would do with a version of which only its entries are known, were it well signed and newer than all
  // others. Nothing is kept.
  //   errors  refused: too large, a version that people refused, more names that no list may stop than could be
  //   released
  Result<Foreseen> foresee(const GuardedList& read, const IntakeRules& rules) const {
    return foresee(read, false, rules);
  }

  // What a person says about the held list; approved: it is the last good list now.
  //   errors  not_found: nothing is held · may_take's, of an approval · those of approval::Tally::take · io
  Result<approval::Outcome> decide(const approval::SignedStatement& said, const IntakeRules& rules);

  // Lets a withdrawal's wait go on; true: it is over, and the held list is the last good one now.
  Result<bool> wait(std::uint64_t seconds, const IntakeRules& rules);

  // Puts an earlier version in the last good one's place, whose version does not come back.
  Status go_back_to(DigestedList list, std::string why, const IntakeRules& rules);

  const std::shared_ptr<const DigestedList>& list() const noexcept { return list_; }  // the last good one, or null
  ChangeWays last_change() const noexcept { return last_change_; }  // from the version before the last good one to it
  const HeldList* held() const noexcept { return held_ ? &*held_ : nullptr; }
  // Entries of the last good list that are not enforced because what people allowed has ended.
  std::vector<EntryId> lifted(Nanoseconds trusted_now_realtime_ns) const;
  // The highest number that a version of this list has: the held one will have the next.
  std::uint64_t last_number() const noexcept { return (list_ ? list_->sequence : 0) + (held_ ? 1 : 0); }
  // Entries that people allowed against the guards, or have; ascending.
  std::vector<EntryId> allowed() const;
  // The version to ask the source for changes of: the held one, else the last good one. Null: ask for it whole, because
  // there is none, or because the guards' own data was at fault and may have been mended.
  const DigestedList* newest() const noexcept;

 private:
  Status check_newer(const DigestedList& offered) const;
  Result<GuardedList> make_whole(GuardedList read, const Succession& succession) const;
  Result<Taken> take_repeat(const GuardedList& read, const Succession& succession, const IntakeRules& rules);
  // `place` is moved on by what an increment changes.
  Result<Findings> judge(const GuardedList& read, bool by_increment, const IntakeRules& rules, ListPlace& place) const;
  Result<Foreseen> foresee(const GuardedList& read, bool by_increment, const IntakeRules& rules) const;
  Result<Taken> stay_held(const ListPlace& place);
  Status accept_settled(const DigestedList& list, const IntakeRules& rules);
  Status keep_held(const HeldList& held) const;
  Status keep_said() const;
  Status accept(DigestedList list, const IntakeRules& rules);
  Status hold(DigestedList list, Findings findings, const IntakeRules& rules);
  Status drop_held();
  Status keep_entries(const IntakeRules& rules, bool is_new) const;
  Status dismiss(DismissedList dismissed);

  const config::SourceOptions* source_;
  std::string held_file_, said_file_, dismissed_file_, overrides_file_;
  const SourceStore* store_;
  const digest::Key* key_;
  SizeHistory sizes_;
  std::optional<Overrides> overrides_;
  std::shared_ptr<const DigestedList> list_;
  ChangeWays last_change_;
  std::optional<HeldList> held_;
  std::optional<DismissedList> dismissed_;
};

// Makes the folders that intakes use.
Status make_intake_folders(const std::string& state_directory);

}  // namespace parapet::lists
