// SPDX-License-Identifier: Apache-2.0
// The list's way as a whole: polls each source, keeps the last good version, publishes, waits for the edge.
//
//   fetch → verify → read → canonicalise → guard (in the children) → take or hold → compile → publish → acknowledge
//
// One thread for each source that is not off, one for acknowledgements and for what ends by itself, one for reports;
// publication takes turns. What people decide comes in by the operations below, from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/archive/archive.h"
#include "lists/fetch/dropped_file.h"
#include "lists/guard/change.h"
#include "lists/hold/intake.h"
#include "lists/hold/scope.h"
#include "lists/hold/suspensions.h"
#include "lists/hold/switches.h"
#include "lists/publish/generation_store.h"
#include "lists/publish/source_store.h"
#include "lists/update/entry_joiner.h"
#include "lists/update/observer.h"
#include "lists/update/publishing.h"
#include "lists/update/shadow_hits.h"
#include "lists/update/source_reader.h"
#include "lists/update/source_status.h"
#include "lists/update/stop_signal.h"
#include "lists/verify/trusted_clock.h"

namespace parapet::lists {

// Everything the updater needs from outside.
struct UpdaterNeeds {
  const digest::Key& key;
  const Clock& clock;
  UpdateObserver& observer;
  std::function<Result<PollReply>(const PollRequest&, const StopSignal&)> read_source;
  std::function<Result<counters::Reading>()> read_counters;
  const Archive* archive = nullptr;  // where the entries of accepted versions are kept; nullptr: nowhere
  // Brings a report to a source; null: reports wait for somebody else.
  std::function<Status(const config::SourceOptions&, std::string_view report, const StopSignal&)> send_report = nullptr;
  std::function<Result<EntriesMemory>(const JoinRequest&, const StopSignal&)> join_entries =
      nullptr;  // with an archive
};

// What parapetd keeps on disk, opened.
struct UpdaterState {
  SourceStore lists;
  GenerationStore generations;
  Suspensions suspensions;
  Switches switches;
  Scope scope;

  //   errors  permission · io · refused (another parapetd uses it) · integrity
  static Result<UpdaterState> open(const std::string& state_directory, const digest::Key& key);
};

// The lists of a generation.
struct ListsThen {
  Generation generation = 0;
  std::vector<CompileInput> inputs;
};

class Updater {
 public:
  Updater(config::ControlOptions options, UpdaterNeeds needs, UpdaterState state, StopSignal stop);
  ~Updater();

  // Loads the last good lists and publishes what they say, where that is not what stands there.
  void load();
  // Begins to poll.
  void run();
  // Ends the threads; children under way are killed.
  void stop();
  // Waits until every source was tried once or the time is over; false then.
  bool wait_for_first_attempts_ms(std::uint64_t milliseconds);

  // As of now; while a large list is being taken in, the last status that was told.  cost: up to a second of waiting
  UpdateStatus status() const;
  // The lists that were in force at a time, for explain; no time: now.
  //   errors  not_found: nothing of that time is kept
  Result<ListsThen> lists_at(std::optional<Nanoseconds> realtime_ns) const;

  // What would become of a version of this source that somebody read; nothing is kept or published.
  struct Outlook {
    Foreseen foreseen;
    std::uint64_t in_force = 0;  // entries
    ChangeCount change;          // against those
    bool is_first = false;       // no version is in force
  };
  // errors: not_found · refused
  Result<Outlook> foresee(const std::string& source, const GuardedList& read) const;
  Nanoseconds trusted_now_realtime_ns() const;

  // --- What people decide. Each is on disk and published before it returns. ---

  // errors: not_found (no such source, nothing held) · refused · integrity · io
  Result<approval::Outcome> decide(const approval::SignedStatement& said);
  // Goes back to the lists of a kept generation; its versions replace those in force, which do not come back.
  // errors: not_found · io.  out: the generation that says the same now
  Result<Generation> go_back_to(Generation generation, const std::string& reason);
  // errors: not_found · io
  Status turn(const std::string& source, config::SourceState state, const std::string& reason);
  // What `statement.subject` must be for a suspension of that.
  Result<approval::Subject> suspension_subject(std::string_view target) const;
  // Begins one. errors: invalid_argument · not_found (no list has it) · limit · refused · integrity · io
  Result<SuspensionStatus> suspend(std::string_view target, const std::string& reason,
                                   const approval::SignedStatement& said);
  // Confirms or, by a refusal, ends one. errors: not_found · refused · integrity · io
  Result<SuspensionStatus> answer_suspension(std::uint64_t number, const approval::SignedStatement& said);

 private:
  struct Source {
    Source(const config::SourceOptions& source, const std::string& state_directory, const SourceStore& store,
           const digest::Key& key)
        : options(source), intake(options, state_directory, store, key) {}
    config::SourceOptions options;
    Intake intake;
    SourceStatus status;
    std::shared_ptr<const DigestedList> ledger_of;  // the version that status.ledger counts
    std::vector<EntryId> allowance_over;            // as last told
    Nanoseconds confirmed_realtime_ns = 0;          // when somebody last said that this is the list
    bool tried = false;
    // of the delivering thread
    std::uint64_t failed_deliveries_in_a_row = 0;
    Nanoseconds next_delivery_monotonic_ns = 0;
  };

  // What a source said, and its entries sealed.
  struct Asked {
    Result<PollReply> reply = NotModified{};
    std::optional<EntriesMemory> entries;
  };

  void poll_source(Source& source);
  bool wait_for_next(const Source& source, const std::optional<DropWatch>& watch) const;
  void poll_once(Source& source);
  Asked ask(const Source& source, bool whole);
  bool wants_whole(const Source& source) const;
  Status prepare(const Source& source, Asked& asked);
  void take_reply(Source& source, Result<PollReply> reply, std::uint64_t begun_realtime_ns,
                  const EntriesMemory* entries);
  Status take_list(Source& source, GuardedList read, std::uint64_t begun_realtime_ns, const EntriesMemory* entries);
  bool is_archived(const DigestedList& list) const;
  std::uint64_t pause_ms(const Source& source) const;

  // REQUIRE mutex_
  UpdateStatus status_now() const;
  void recall_confirmations(const PublishedSnapshot& published);
  void confirm(Source& source);
  void note_accepted(Source& source, std::uint64_t since_realtime_ns);
  void publish();
  Status publish_at_once();
  std::vector<CompileInput> inputs() const;
  void count_ledger(Source& source) const;
  std::vector<std::string> sources_in_use() const;
  KnownAnswers known_answers() const;
  IntakeRules rules() const;
  config::SourceState state_of(const Source& source) const;
  bool refresh_scope();  // true: what may be enforced is something else now
  Source* find_source(const std::string& name) const;
  SuspensionStatus status_of(const Suspension& suspension) const;
  std::vector<EntryId> entries_of(const SuspensionTarget& target) const;
  bool end_what_is_over(std::uint64_t passed_s);  // true: something must be published

  void wait_for_edge();
  void follow_counters(const counters::Reading& edge);  // REQUIRES mutex_
  void keep_shadow_hits();

  // Tells each source that asks for it of a suspension of its entries.  REQUIRE mutex_
  void report_suspension(SuspensionEvent event, const Suspension& suspension);
  void deliver_reports();
  void deliver_reports_of(Source& source);

  config::ControlOptions options_;
  UpdaterNeeds needs_;
  UpdaterState state_;
  StopSignal stop_;
  mutable std::timed_mutex mutex_;
  std::condition_variable_any changed_;
  mutable std::mutex told_mutex_;  // taken after mutex_
  mutable UpdateStatus told_;
  TrustedClock trusted_clock_;
  Publishing publishing_;
  ShadowHits shadow_hits_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::jthread> threads_;
};

// How long to wait before the next poll: the interval after a success, doubling with each failure up to ten times the
// interval (but no longer than an hour, unless the interval is), each within 10 % of that at random where it exceeds 1
// s.
std::uint64_t pause_after(std::uint64_t interval_ms, std::uint64_t failures_in_a_row, std::uint64_t random);

}  // namespace parapet::lists
