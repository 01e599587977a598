// SPDX-License-Identifier: Apache-2.0
// The loop over the sources.
#include "lists/update/updater.h"

#include <algorithm>

#include "lists/hold/test_entries.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kAcknowledgementPollMs = 20;
constexpr std::uint64_t kIdlePollMs = 100;
constexpr std::uint64_t kPatienceMs = 10'000;  // then the edge is taken to be away
constexpr std::uint64_t kAwayPollMs = 1000;
constexpr std::uint64_t kKeepHitsS = 60;
constexpr std::uint64_t kHourMs = 3'600'000;
constexpr ChangeWays kAdds{.adds = true};

// When the source had the change: its Last-Modified, in whole seconds, but not before our last successful poll; the
// beginning of the download that brought it where Last-Modified cannot be right.
std::uint64_t publication_time(const DigestedList& list, std::uint64_t last_success, std::uint64_t begun) {
  const std::uint64_t modified = list.last_modified_realtime_ns;
  const bool fits = last_success != 0 && modified + kNanosecondsPerSecond > last_success && modified < begun;
  return fits ? std::max(modified, last_success) : begun;
}

}  // namespace

std::uint64_t pause_after(std::uint64_t interval_ms, std::uint64_t failures_in_a_row, std::uint64_t random) {
  const std::uint64_t longest = std::max(interval_ms, std::min(interval_ms * 10, kHourMs));
  const std::uint64_t doublings = std::min<std::uint64_t>(failures_in_a_row > 0 ? failures_in_a_row - 1 : 0, 4);
  const std::uint64_t pause = std::min(interval_ms << doublings, longest);
  if (pause <= 1000) return pause;
  const std::uint64_t tenth = pause / 10;
  return pause - tenth + random % (2 * tenth + 1);
}

Result<UpdaterState> UpdaterState::open(const std::string& state_directory, const digest::Key& key) {
  auto lists = SourceStore::open(state_directory, key);
  if (!lists) return std::unexpected(lists.error());
  if (auto status = make_intake_folders(state_directory); !status) return std::unexpected(status.error());
  auto generations = GenerationStore::open(state_directory, key);
  if (!generations) return std::unexpected(generations.error());
  auto suspensions = Suspensions::load(state_directory + "/suspensions", key);
  if (!suspensions) return std::unexpected(suspensions.error());
  auto switches = Switches::load(state_directory + "/switches", key);
  if (!switches) return std::unexpected(switches.error());
  auto scope = Scope::load(state_directory + "/scope", key);
  if (!scope) return std::unexpected(scope.error());
  return UpdaterState{std::move(*lists), std::move(*generations), std::move(*suspensions), std::move(*switches),
                      std::move(*scope)};
}

Updater::Updater(config::ControlOptions options, UpdaterNeeds needs, UpdaterState state, StopSignal stop)
    : options_(std::move(options)),
      needs_(std::move(needs)),
      state_(std::move(state)),
      stop_(std::move(stop)),
      trusted_clock_(needs_.clock, options_.state_directory + "/time_seen"),
      publishing_(options_, needs_.key, needs_.clock, needs_.observer, needs_.read_counters,
                  std::move(state_.generations)),
      shadow_hits_(options_.state_directory + "/shadow_hits", needs_.key) {
  for (const auto& source : options_.sources) {
    sources_.push_back(std::make_unique<Source>(source, options_.state_directory, state_.lists, needs_.key));
    sources_.back()->status.name = source.name;
    sources_.back()->tried = source.state == config::SourceState::off;
  }
}

Updater::~Updater() { stop(); }

void Updater::load() {
  const std::lock_guard lock(mutex_);
  const auto published = publishing_.load();
  bool any = published.has_value();
  for (const char* file : {"/suspensions", "/switches", "/scope", "/time_seen", "/shadow_hits"}) {
    remove_unfinished(options_.state_directory + file);
  }
  refresh_scope();
  for (auto& source : sources_) {
    remove_unfinished(options_.state_directory + "/lists/" + source->options.name);
    if (source->options.state == config::SourceState::off) continue;
    const auto loaded = source->intake.load(rules());
    if (loaded) {
      trusted_clock_.raise_to(source->intake.list()->signed_order.realtime_ns);
      source->confirmed_realtime_ns = source->intake.list()->fetched_realtime_ns;
      if (needs_.archive != nullptr) needs_.archive->remove_after({source->options.name, source->intake.last_number()});
      needs_.observer.on_list_loaded(*source->intake.list());
      any = true;
    } else if (loaded.error().code != ErrorCode::not_found) {
      needs_.observer.on_list_refused(source->options.name, loaded.error().within("loading the last good version"));
    }
  }
  if (published) recall_confirmations(*published);
  trusted_clock_.keep();
  any |= end_what_is_over(0);
  told_ = status_now();
  if (!any) return;
  publishing_.change(needs_.clock.realtime_ns(), kAdds);
  publish();
}

void Updater::run() {
  for (auto& source : sources_) {
    if (source->options.state == config::SourceState::off) continue;
    threads_.emplace_back([this, &source] { poll_source(*source); });
  }
  threads_.emplace_back([this] { wait_for_edge(); });
  const bool any_sent = std::ranges::any_of(options_.sources, [](const auto& each) { return each.report.is_sent(); });
  if (any_sent && needs_.send_report) threads_.emplace_back([this] { deliver_reports(); });
}

void Updater::stop() {
  stop_.raise();
  threads_.clear();  // joins
  keep_shadow_hits();
}

bool Updater::wait_for_first_attempts_ms(std::uint64_t milliseconds) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                           [this] { return std::ranges::all_of(sources_, [](const auto& s) { return s->tried; }); });
}

IntakeRules Updater::rules() const { return {options_.approvers, trusted_clock_.now_realtime_ns()}; }

bool Updater::is_archived(const DigestedList& list) const {
  return needs_.archive == nullptr || needs_.archive->has({list.name, list.sequence});
}

void Updater::take_reply(Source& source, Result<PollReply> reply, std::uint64_t begun_realtime_ns,
                         const EntriesMemory* entries) {
  const std::lock_guard lock(mutex_);
  SourceStatus& status = source.status;
  ++status.polls;
  if (refresh_scope()) publishing_.change(begun_realtime_ns, {});
  Status taken;
  if (!reply) {
    taken = std::unexpected(reply.error());
  } else if (auto* read = std::get_if<GuardedList>(&*reply)) {
    taken = take_list(source, std::move(*read), begun_realtime_ns, entries);
  } else if (source.intake.newest() == nullptr) {
    taken = fail(ErrorCode::malformed, "the source says \"not modified\" although no version is held");
  } else {
    needs_.observer.on_list_unchanged(status.name);
  }
  if (taken) confirm(source);
  if (publishing_.clock_has_moved()) publishing_.change(begun_realtime_ns, {});
  publish();
  if (taken) {
    status.last_success_realtime_ns = needs_.clock.realtime_ns();
    status.failures_in_a_row = 0;
    status.error_code.clear();
    status.error_context.clear();
  } else {
    status.last_failure_realtime_ns = needs_.clock.realtime_ns();
    ++status.failures_in_a_row;
    ++status.failures;
    status.error_code = name_of(taken.error().code);
    status.error_context = taken.error().context;
    needs_.observer.on_list_refused(status.name, taken.error());
  }
  source.tried = true;
  changed_.notify_all();
}

Status Updater::take_list(Source& source, GuardedList read, std::uint64_t begun_realtime_ns,
                          const EntriesMemory* entries) {
  const std::uint64_t since = publication_time(read.list, source.status.last_success_realtime_ns, begun_realtime_ns);
  auto test_entries = load_test_entries(source.options.test_entries_file);
  auto intake_rules = rules();
  intake_rules.test_entries = &test_entries;
  intake_rules.may_take = state_.scope.check_new_list(source.options.legal.category);
  if (needs_.archive != nullptr && entries != nullptr) {
    intake_rules.keep_entries = [&](std::uint64_t number, bool is_new) -> Status {
      const ArchivedVersion version{source.options.name, number};
      if (!is_new && needs_.archive->has(version)) return {};
      return needs_.archive->keep(version, begun_realtime_ns, entries->data_key(), entries->fd());
    };
  }
  const auto taken = source.intake.take(std::move(read), begun_realtime_ns, intake_rules);
  if (!taken) return std::unexpected(taken.error());
  switch (*taken) {
    case Taken::accepted: note_accepted(source, since); break;
    case Taken::held: needs_.observer.on_list_held(*source.intake.held()); break;
    case Taken::unchanged:
    case Taken::still_held: needs_.observer.on_list_unchanged(source.options.name); break;
  }
  return {};
}

// The snapshot must say so where that puts off the time from which the list only counts.
void Updater::confirm(Source& source) {
  const auto& standing = source.options.standing;
  const std::uint32_t before = shadow_from_s(standing, source.confirmed_realtime_ns);
  source.confirmed_realtime_ns = std::max(source.confirmed_realtime_ns, trusted_clock_.now_realtime_ns());
  if (shadow_from_s(standing, source.confirmed_realtime_ns) != before)
    publishing_.change(needs_.clock.realtime_ns(), {});
}

// A list that nobody changed is not written again, so the last confirmation before a restart stands in the snapshot.
void Updater::recall_confirmations(const PublishedSnapshot& published) {
  for (auto& source : sources_) {
    const auto name = std::ranges::find(published.list_names, source->options.name);
    if (name == published.list_names.end()) continue;
    const std::uint64_t shadow_from =
        published.shadow_from_s[static_cast<std::size_t>(name - published.list_names.begin())];
    const std::uint64_t max_stale = source->options.standing.max_stale_s;
    if (shadow_from <= max_stale) continue;
    source->confirmed_realtime_ns =
        std::max(source->confirmed_realtime_ns, (shadow_from - max_stale) * kNanosecondsPerSecond);
  }
}

void Updater::note_accepted(Source& source, std::uint64_t since_realtime_ns) {
  const auto& list = *source.intake.list();
  trusted_clock_.raise_to(list.signed_order.realtime_ns);
  const auto ended = std::ranges::count_if(
      list.entries, [now_s = rules().trusted_now_s()](const auto& entry) { return has_ended(entry, now_s); });
  needs_.observer.on_list_accepted(list, static_cast<std::uint64_t>(ended));
  publishing_.change(since_realtime_ns, source.intake.last_change());
}

std::vector<CompileInput> Updater::inputs() const {
  std::vector<CompileInput> inputs;
  for (const auto& source : sources_) {
    const auto& list = source->intake.list();
    if (list == nullptr || source->options.state == config::SourceState::off) continue;
    const auto& standing = source->options.standing;
    CompileInput input{.state = state_of(*source),
                       .list = list,
                       .lifted = state_.suspensions.lifted(*list),
                       .allowed = source->intake.allowed(),
                       .standing = standing,
                       .shadow_from_s = shadow_from_s(standing, source->confirmed_realtime_ns)};
    const auto over = source->intake.lifted(trusted_clock_.now_realtime_ns());
    input.lifted.insert(input.lifted.end(), over.begin(), over.end());
    std::ranges::sort(input.lifted);
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::vector<std::string> Updater::sources_in_use() const {
  std::vector<std::string> names;
  for (const auto& source : sources_) {
    if (source->options.state != config::SourceState::off) names.push_back(source->options.name);
  }
  return names;
}

// What no scope lock allows is in shadow at most.
config::SourceState Updater::state_of(const Source& source) const {
  const auto most =
      state_.scope.allows(source.options.legal.category) ? config::SourceState::enforce : config::SourceState::shadow;
  return std::min(most, state_.switches.state_of(source.options));
}

bool Updater::refresh_scope() {
  switch (state_.scope.refresh(options_.scope_lock_file, options_.approvers)) {
    case ScopeChange::accepted: needs_.observer.on_scope_changed(state_.scope.accepted()); return true;
    case ScopeChange::refused: needs_.observer.on_scope_refused(state_.scope.error()); return false;
    case ScopeChange::none: break;
  }
  return false;
}

KnownAnswers Updater::known_answers() const {
  KnownAnswers answers;
  for (const auto& source : sources_) {
    if (source->options.test_entries_file.empty()) continue;
    auto entries = load_test_entries(source->options.test_entries_file);
    if (entries) answers.lists.push_back({source->options.name, std::move(*entries)});
  }
  answers.unlisted = load_top_sites(options_.guard);
  return answers;
}

void Updater::publish() {
  if (!publishing_.is_due()) return;
  publishing_.publish_due(inputs(), sources_in_use(), known_answers());
  changed_.notify_all();
}

void Updater::keep_shadow_hits() {
  const std::lock_guard lock(mutex_);
  // What cannot be kept is tried again; only a restart would lose it.
  static_cast<void>(shadow_hits_.keep());
}

// A count begins when the edge is seen to use what holds its list.
void Updater::follow_counters(const counters::Reading& edge) {
  const auto generation = publishing_.state().generation;
  const bool is_new = generation != 0 && generation != shadow_hits_.begun();
  if (!is_new || publishing_.is_due() || counters::get(edge.header->applied_generation) != generation) {
    return shadow_hits_.count(edge);
  }
  std::vector<ShadowList> lists;
  for (const auto& source : sources_) {
    const auto& list = source->intake.list();
    if (list != nullptr && state_of(*source) == config::SourceState::shadow) {
      lists.push_back({list->name, list->sequence});
    }
  }
  shadow_hits_.begin(generation, lists, edge, needs_.clock.realtime_ns());
}

void Updater::wait_for_edge() {
  std::uint64_t waited_ms = 0;  // for the edge, since it last answered
  std::uint64_t pause_ms = kIdlePollMs;
  std::uint64_t counted_s = read_clock(CLOCK_MONOTONIC) / kNanosecondsPerSecond;
  while (!stop_.wait_ms(pause_ms)) {
    const std::uint64_t now_s = read_clock(CLOCK_MONOTONIC) / kNanosecondsPerSecond;
    const bool second_over = now_s != counted_s;
    {
      const std::lock_guard lock(mutex_);
      waited_ms = publishing_.waits_for_edge() ? waited_ms + pause_ms : 0;
      if (second_over && end_what_is_over(now_s - std::exchange(counted_s, now_s))) publish();
    }
    if (second_over && now_s % kKeepHitsS == 0) keep_shadow_hits();
    pause_ms = waited_ms == 0 ? kIdlePollMs : waited_ms < kPatienceMs ? kAcknowledgementPollMs : kAwayPollMs;
    if (waited_ms == 0 && !second_over) continue;
    const auto edge = needs_.read_counters();
    if (!edge) continue;
    const std::lock_guard lock(mutex_);
    if (const auto applied = publishing_.take_applied(*edge->header)) needs_.observer.on_applied(*applied);
    follow_counters(*edge);
  }
}

}  // namespace parapet::lists
