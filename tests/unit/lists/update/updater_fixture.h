// SPDX-License-Identifier: Apache-2.0
// An updater in a folder of its own, whose sources say what a test wants, and a journal of what happened.
#pragma once

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>

#include "digested.h"
#include "lists/update/updater.h"
#include "people.h"
#include "sealed_list.h"
#include "snapshot/snapshot.h"
#include "temp_folder.h"

namespace parapet::lists {

using support::digested;
using support::kListKey;

// A list in which guards saw nothing.
inline GuardedList guarded(std::string_view text, std::string_view name = "hotline") {
  return {digested(text, name), {}};
}

class Journal final : public UpdateObserver {
 public:
  void on_list_loaded(const DigestedList& list) override { add("loaded " + list.name); }
  void on_list_accepted(const DigestedList& list, std::uint64_t ended) override {
    add("accepted " + list.name + " " + std::to_string(list.sequence) +
        (ended == 0 ? "" : ", ended: " + std::to_string(ended)));
  }
  void on_list_unchanged(const std::string& source) override { add("unchanged " + source); }
  void on_list_refused(const std::string& source, const Error& error) override {
    add("refused " + source + " " + std::string(name_of(error.code)));
  }
  void on_list_held(const HeldList& held) override { add("held " + held.list.name + ": " + summary_of(held.findings)); }
  void on_decision(const approval::SignedStatement& said, approval::Outcome outcome) override {
    add(said.statement.by + ": " + std::string(approval::name_of(outcome)));
  }
  void on_withdrawal_taken(const DigestedList& list) override { add("withdrawal taken " + list.name); }
  void on_allowance_over(const std::string& source, std::span<const EntryId>) override {
    add("allowance over " + source);
  }
  void on_went_back(Generation to, const std::string&) override { add("went back to " + std::to_string(to)); }
  void on_switched(const std::string& source, config::SourceState state, const std::string&) override {
    add("switched " + source + " " + std::string(config::name_of(state)));
  }
  void on_suspension(SuspensionEvent event, const Suspension& suspension, std::span<const EntryId> entries) override {
    add("suspension " + std::to_string(suspension.number) + " " + std::string(name_of(event)) + " " +
        std::to_string(entries.size()));
  }
  void on_report_made(const std::string& source, const WaitingReport& report, std::size_t entries) override {
    add("report for " + source + ": " + std::to_string(report.number) + " " + std::string(name_of(report.event)) + " " +
        std::to_string(entries));
  }
  void on_report_delivered(const std::string& source, const WaitingReport& report) override {
    add("delivered to " + source + ": " + std::to_string(report.number) + " " + std::string(name_of(report.event)));
  }
  void on_report_failed(const std::string& source, const Error& error) override {
    add("report for " + source + " failed: " + std::string(parapet::name_of(error.code)));
  }
  // In every first run: kept apart from what a test asks of.
  void on_scope_changed(const AcceptedScope& scope) override {
    const std::lock_guard lock(mutex_);
    scopes_.push_back(std::to_string(scope.sequence));
  }
  void on_scope_refused(const Error& error) override {
    const std::lock_guard lock(mutex_);
    scopes_.push_back(std::string(name_of(error.code)));
  }
  void on_published(const Publication& publication) override {
    add("published " + std::to_string(publication.generation));
  }
  void on_publication_failed(const Error& error) override { add("failed " + std::string(name_of(error.code))); }
  void on_publication_held(const std::string& source) override { add("publication held " + source); }
  void on_applied(const Applied& applied) override { add("applied " + std::to_string(applied.generation)); }

  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }
  // The sequence of each scope lock that was accepted, the code of each that was not.
  std::vector<std::string> take_scopes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(scopes_, {});
  }
  bool saw(const std::string& line) {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(lines_, line) != lines_.end();
  }

 private:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::mutex mutex_;
  std::vector<std::string> lines_, scopes_;
};

class UpdaterTest : public testing::Test {
 protected:
  UpdaterTest() {
    options.state_directory = folder.file("state");
    options.snapshot_file = folder.file("snapshot");
    options.approvers = support::approvers();
    options.scope_lock_file = folder.write("scope.lock", support::scope_lock(1, {"csam"}));
    options.sources.push_back(support::source_named("hotline"));
    options.sources.back().poll_interval_ms = 60'000;
    says["hotline"] = PollReply(guarded("a.example.test\n"));
  }

  std::unique_ptr<Updater> make() {
    EXPECT_TRUE(make_private_folder(options.state_directory));
    auto state = UpdaterState::open(options.state_directory, kListKey);
    EXPECT_TRUE(state) << state.error().context;
    const auto read_source = [this](const PollRequest& request, const StopSignal&) {
      const std::lock_guard lock(mutex);
      requests.push_back(request);
      if (request.entries != nullptr) seal_into(*request.entries);
      const bool is_whole = !request.source.full_url.empty() && request.source.url == request.source.full_url;
      return says.at(request.source.name + (is_whole ? " whole" : ""));
    };
    const auto read_counters = [this]() -> Result<counters::Reading> {
      if (applied_generation == 0) return fail(ErrorCode::not_found, "no edge");
      auto header = std::make_shared<counters::Header>();
      header->applied_generation = applied_generation;
      return counters::Reading{header, {}};
    };
    const auto send_report = [this](const config::SourceOptions& source, std::string_view report, const StopSignal&) {
      const std::lock_guard lock(mutex);
      sent.push_back(source.name + ": " + std::string(report));
      return takes_reports ? Status{} : fail(ErrorCode::unavailable, "nobody there");
    };
    const auto join_entries = [this](const JoinRequest& request, const StopSignal&) -> Result<EntriesMemory> {
      joined.push_back(request.base.name + " " + std::to_string(request.base.number) + " without " +
                       std::to_string(request.left_out.size()));
      auto memory = std::move(*EntriesMemory::create());
      seal_into(memory);
      return memory;
    };
    return std::make_unique<Updater>(options,
                                     UpdaterNeeds{kListKey, clock, journal, read_source, read_counters,
                                                  archive ? &*archive : nullptr, send_report, join_entries},
                                     std::move(*state), std::move(*StopSignal::make()));
  }
  // As the reading child does it, of one entry with id 5.
  void seal_into(const EntriesMemory& entries) {
    const auto stream = support::sealed_stream(entries.data_key(), {{5, 1, said_in_clear}});
    EXPECT_EQ(::write(entries.fd(), stream.data(), stream.size()), static_cast<ssize_t>(stream.size()));
    EXPECT_TRUE(entries.seal());
  }
  void open_archive() {
    std::filesystem::create_directories(options.state_directory);
    archive.emplace(std::move(*Archive::open(options.state_directory, support::archive_keys(1))));
  }
  // One poll of every source, from start to stop.
  std::vector<std::string> run_once() {
    auto updater = make();
    updater->load();
    updater->run();
    EXPECT_TRUE(updater->wait_for_first_attempts_ms(10'000));
    status = updater->status();
    updater->stop();
    return journal.take();
  }

  using Lines = std::vector<std::string>;
  support::TempFolder folder;
  config::ControlOptions options;
  SystemClock clock;
  Journal journal;
  std::mutex mutex;
  std::map<std::string, Result<PollReply>> says;
  std::vector<PollRequest> requests;
  std::vector<std::string> joined;
  std::optional<Archive> archive;
  std::string said_in_clear = "host:a.example.test";
  std::atomic<Generation> applied_generation = 0;
  std::atomic<bool> takes_reports = true;
  std::vector<std::string> sent;
  UpdateStatus status;
};

}  // namespace parapet::lists
