// SPDX-License-Identifier: Apache-2.0
// The list's way as a whole: polls each source, keeps the last good version, publishes, waits for the edge.
//
//   fetch → verify → read → canonicalise → guard (in the child) → compile → publish → acknowledge
//
// One thread for each source that is not off, one for acknowledgements; publication takes turns.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
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
#include "lists/compile/ledger.h"
#include "lists/fetch/dropped_file.h"
#include "lists/publish/publisher.h"
#include "lists/publish/source_store.h"
#include "lists/update/acknowledgement.h"
#include "lists/update/source_reader.h"
#include "lists/update/stop_signal.h"

namespace parapet::lists {

// What happens to lists, for log, audit and metrics. Called from the updater's threads, one call at a time.
class UpdateObserver {
 public:
  virtual ~UpdateObserver() = default;
  virtual void on_list_loaded(const DigestedList& list) = 0;  // the last good one, at start
  virtual void on_list_accepted(const DigestedList& list) = 0;
  virtual void on_list_unchanged(const std::string& source) = 0;
  virtual void on_list_refused(const std::string& source, const Error& error) = 0;
  virtual void on_published(const Publication& publication) = 0;
  virtual void on_publication_failed(const Error& error) = 0;
  virtual void on_publication_held(const std::string& source) = 0;  // its list is published but not held any more
  virtual void on_applied(const Applied& applied) = 0;
};

struct SourceStatus {
  std::string name;
  config::SourceState state = config::SourceState::off;
  bool loaded = false;  // a last good version is held
  std::uint64_t sequence = 0;
  std::uint64_t entries = 0;
  Ledger ledger;
  bool etag_known = false;
  bool is_stale = false;                       // nobody confirmed it for longer than max_stale_s
  std::uint64_t fetched_realtime_ns = 0;       // of the version held
  std::uint64_t last_success_realtime_ns = 0;  // of the last poll that went well; 0: none since the start
  std::uint64_t last_failure_realtime_ns = 0;
  std::uint64_t failures_in_a_row = 0;
  std::uint64_t polls = 0;
  std::uint64_t failures = 0;
  std::string error_code;  // of the last failure; empty since a success
  std::string error_context;
};

struct UpdateStatus {
  std::vector<SourceStatus> sources;
  Generation published_generation = 0;
  std::uint64_t published_realtime_ns = 0;
  std::string publication_error_code;  // empty: the last one went well
};

// Everything the updater needs from outside.
struct UpdaterNeeds {
  const digest::Key& key;
  const Clock& clock;
  UpdateObserver& observer;
  std::function<Result<PollReply>(const PollRequest&, const StopSignal&)> read_source;
  std::function<Result<counters::Reading>()> read_counters;
};

class Updater {
 public:
  Updater(config::ControlOptions options, UpdaterNeeds needs, SourceStore store, StopSignal stop);
  ~Updater();

  // Loads the last good lists and publishes what they say, where that is not what stands there.
  void load();
  // Begins to poll.
  void run();
  // Ends the threads; children under way are killed.
  void stop();
  // Waits until every source was tried once or the time is over; false then.
  bool wait_for_first_attempts_ms(std::uint64_t milliseconds);

  UpdateStatus status() const;
  // The lists in force, for explain.
  std::vector<CompileInput> lists() const;

 private:
  struct Source {
    config::SourceOptions options;
    SourceStatus status;
    std::shared_ptr<const DigestedList> list;
    Nanoseconds confirmed_realtime_ns = 0;  // when somebody last said that this is the list
    bool tried = false;
  };

  void poll_source(Source& source);
  bool wait_for_next(const Source& source, const std::optional<DropWatch>& watch) const;
  void poll_once(Source& source);
  void take_reply(Source& source, Result<PollReply> reply, std::uint64_t begun_realtime_ns);
  Status take_list(Source& source, DigestedList list, std::uint64_t begun_realtime_ns);
  void publish(std::uint64_t since_realtime_ns);
  void recall_confirmations(const PublishedSnapshot& published);
  void confirm(Source& source);  // REQUIRES mutex_
  std::string held_by(const PublishedSnapshot& published) const;
  std::vector<CompileInput> inputs() const;
  std::uint64_t pause_ms(const Source& source) const;
  Nanoseconds trusted_now() const;  // REQUIRES mutex_
  void wait_for_edge();

  config::ControlOptions options_;
  UpdaterNeeds needs_;
  SourceStore store_;
  StopSignal stop_;
  Publisher publisher_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Source>> sources_;
  Acknowledgements acknowledgements_;
  bool publication_due_ = false;
  Generation published_generation_ = 0;
  std::uint64_t published_realtime_ns_ = 0;
  std::string publication_error_code_;
  std::vector<std::jthread> threads_;
};

// How long to wait before the next poll: the interval after a success, doubling with each failure up to ten times the
// interval (but no longer than an hour, unless the interval is), each within 10 % of that at random where it exceeds 1
// s.
std::uint64_t pause_after(std::uint64_t interval_ms, std::uint64_t failures_in_a_row, std::uint64_t random);

}  // namespace parapet::lists
