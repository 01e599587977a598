// SPDX-License-Identifier: Apache-2.0
// The loop over the sources.
#include "lists/update/updater.h"

#include <poll.h>
#include <algorithm>
#include <random>

#include "lists/verify/order.h"
#include "lists/verify/trusted_time.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kAcknowledgementPollMs = 20;
constexpr std::uint64_t kIdlePollMs = 100;
constexpr std::uint64_t kPatienceMs = 10'000;  // then the edge is taken to be away
constexpr std::uint64_t kAwayPollMs = 1000;
constexpr std::uint64_t kHourMs = 3'600'000;

void fill(SourceStatus& status, const DigestedList& list) {
  status.loaded = true;
  status.sequence = list.sequence;
  status.entries = list.entries.size();
  status.ledger = make_ledger(list);
  status.etag_known = !list.etag.empty();
  status.fetched_realtime_ns = list.fetched_realtime_ns;
}

// When the source had the change: its Last-Modified where that lies after our last successful poll, else the beginning
// of the download that brought it.
std::uint64_t publication_time(const DigestedList& list, std::uint64_t last_success, std::uint64_t begun) {
  const std::uint64_t modified = list.last_modified_realtime_ns;
  return last_success != 0 && modified > last_success && modified < begun ? modified : begun;
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

Updater::Updater(config::ControlOptions options, UpdaterNeeds needs, SourceStore store, StopSignal stop)
    : options_(std::move(options)),
      needs_(std::move(needs)),
      store_(std::move(store)),
      stop_(std::move(stop)),
      publisher_(options_.snapshot_file, options_.state_directory + "/generation", needs_.key, needs_.clock) {
  for (const auto& source : options_.sources) {
    sources_.push_back(std::make_unique<Source>());
    sources_.back()->options = source;
    sources_.back()->status.name = source.name;
    sources_.back()->status.state = source.state;
    sources_.back()->tried = source.state == config::SourceState::off;
  }
}

Updater::~Updater() { stop(); }

void Updater::load() {
  const std::lock_guard lock(mutex_);
  remove_unfinished(options_.snapshot_file);
  remove_unfinished(options_.state_directory + "/generation");
  for (const auto& source : sources_) remove_unfinished(options_.state_directory + "/lists/" + source->options.name);
  bool any = false;
  for (auto& source : sources_) {
    if (source->options.state == config::SourceState::off) continue;
    auto list = store_.load(source->options.name);
    if (list) {
      source->list = std::make_shared<const DigestedList>(std::move(*list));
      source->confirmed_realtime_ns = source->list->fetched_realtime_ns;
      fill(source->status, *source->list);
      needs_.observer.on_list_loaded(*source->list);
      any = true;
    } else if (list.error().code != ErrorCode::not_found) {
      needs_.observer.on_list_refused(source->options.name, list.error().within("loading the last good version"));
    }
  }
  const auto published = publisher_.published();
  if (published) {
    published_generation_ = published->generation;
    published_realtime_ns_ = published->created.realtime_ns;
    recall_confirmations(*published);
  }
  if (any || published) publish(needs_.clock.realtime_ns());
}

void Updater::run() {
  for (auto& source : sources_) {
    if (source->options.state == config::SourceState::off) continue;
    threads_.emplace_back([this, &source] { poll_source(*source); });
  }
  threads_.emplace_back([this] { wait_for_edge(); });
}

void Updater::stop() {
  stop_.raise();
  threads_.clear();  // joins
}

bool Updater::wait_for_first_attempts_ms(std::uint64_t milliseconds) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                           [this] { return std::ranges::all_of(sources_, [](const auto& s) { return s->tried; }); });
}

UpdateStatus Updater::status() const {
  const std::lock_guard lock(mutex_);
  UpdateStatus status{{}, published_generation_, published_realtime_ns_, publication_error_code_};
  for (const auto& source : sources_) {
    status.sources.push_back(source->status);
    const Nanoseconds max_stale_ns = source->options.standing.max_stale_s * kNanosecondsPerSecond;
    status.sources.back().is_stale =
        source->list && max_stale_ns != 0 && trusted_now() >= source->confirmed_realtime_ns + max_stale_ns;
  }
  return status;
}

std::vector<CompileInput> Updater::lists() const {
  const std::lock_guard lock(mutex_);
  return inputs();
}

std::vector<CompileInput> Updater::inputs() const {
  std::vector<CompileInput> inputs;
  for (const auto& source : sources_) {
    if (!source->list) continue;
    const auto& standing = source->options.standing;
    const std::uint32_t shadow_from = shadow_from_s(standing, source->confirmed_realtime_ns);
    inputs.push_back({source->options.state, source->list, standing, shadow_from});
  }
  return inputs;
}

Nanoseconds Updater::trusted_now() const {
  Nanoseconds last_signed = 0;
  for (const auto& source : sources_) {
    if (source->list) last_signed = std::max(last_signed, source->list->signed_order.realtime_ns);
  }
  return lists::trusted_now(needs_.clock.realtime_ns(), last_signed);
}

std::uint64_t Updater::pause_ms(const Source& source) const {
  thread_local std::minstd_rand random{std::random_device{}()};
  const std::lock_guard lock(mutex_);
  return pause_after(source.options.poll_interval_ms, source.status.failures_in_a_row, random());
}

void Updater::poll_source(Source& source) {
  std::optional<DropWatch> watch;
  do {
    if (!source.options.path.empty() && !watch) {  // its folder may come later
      if (auto opened = DropWatch::open(source.options.path)) watch.emplace(std::move(*opened));
    }
    poll_once(source);
  } while (!wait_for_next(source, watch));
}

// True when it is time to end.
bool Updater::wait_for_next(const Source& source, const std::optional<DropWatch>& watch) const {
  const std::uint64_t pause = pause_ms(source);
  if (!watch) return stop_.wait_ms(pause);
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + pause * 1'000'000;
  for (;;) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    if (now >= end) return stop_.raised();
    pollfd waited[2] = {{stop_.fd(), POLLIN, 0}, {watch->fd(), POLLIN, 0}};
    static_cast<void>(::poll(waited, 2, static_cast<int>(std::min<Nanoseconds>((end - now) / 1'000'000 + 1, 60'000))));
    if (waited[0].revents != 0) return true;
    if (waited[1].revents != 0 && watch->take_events()) return false;
  }
}

void Updater::poll_once(Source& source) {
  PollRequest request{source.options, {}, {}, 0};
  {
    const std::lock_guard lock(mutex_);
    if (source.list) {
      request.etag = source.list->etag;
      request.last_modified = source.list->last_modified;
    }
    request.trusted_now_realtime_ns = trusted_now();
  }
  const std::uint64_t begun = needs_.clock.realtime_ns();
  auto reply = needs_.read_source(request, stop_);
  if (stop_.raised()) return;
  take_reply(source, std::move(reply), begun);
}

void Updater::take_reply(Source& source, Result<PollReply> reply, std::uint64_t begun_realtime_ns) {
  const std::lock_guard lock(mutex_);
  SourceStatus& status = source.status;
  ++status.polls;
  Status taken;
  if (!reply) {
    taken = std::unexpected(reply.error());
  } else if (auto* list = std::get_if<DigestedList>(&*reply)) {
    taken = take_list(source, std::move(*list), begun_realtime_ns);
  } else if (!source.list) {
    taken = fail(ErrorCode::malformed, "the source says \"not modified\" although no version is held");
  } else {
    needs_.observer.on_list_unchanged(status.name);
    confirm(source);
    if (publication_due_) publish(begun_realtime_ns);
  }
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
  if (publisher_.clock_has_moved()) publish(begun_realtime_ns);
  source.tried = true;
  changed_.notify_all();
}

Status Updater::take_list(Source& source, DigestedList list, std::uint64_t begun_realtime_ns) {
  const bool same = source.list && source.list->entries == list.entries;
  if (source.list && !source.options.keys.empty()) {
    auto status = check_order(source.list->signed_order, list.signed_order, same);
    if (!status) return std::unexpected(status.error().within("verify"));
  }
  confirm(source);
  const std::uint64_t since = publication_time(list, source.status.last_success_realtime_ns, begun_realtime_ns);
  list.fetched_realtime_ns = begun_realtime_ns;
  list.sequence = (source.list ? source.list->sequence : 0) + (same ? 0 : 1);
  const bool stored_already = same && source.list->etag == list.etag &&
                              source.list->last_modified == list.last_modified &&
                              source.list->signed_order == list.signed_order;
  if (!stored_already) {
    if (auto status = store_.store(list); !status) return std::unexpected(status.error().within("keeping the list"));
  }
  source.list = std::make_shared<const DigestedList>(std::move(list));
  fill(source.status, *source.list);
  if (same) {
    needs_.observer.on_list_unchanged(source.status.name);
  } else {
    needs_.observer.on_list_accepted(*source.list);
    publication_due_ = true;
  }
  if (publication_due_) publish(since);
  return {};
}

// The snapshot must say so where that puts off the time from which the list only counts.
void Updater::confirm(Source& source) {
  const auto& standing = source.options.standing;
  const std::uint32_t before = shadow_from_s(standing, source.confirmed_realtime_ns);
  source.confirmed_realtime_ns = std::max(source.confirmed_realtime_ns, trusted_now());
  if (shadow_from_s(standing, source.confirmed_realtime_ns) != before) publication_due_ = true;
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

// A list that is in force but was lost from disk must come back from its source before anything else is published:
// a snapshot without it would release its entries.
std::string Updater::held_by(const PublishedSnapshot& published) const {
  for (const auto& source : sources_) {
    if (source->options.state == config::SourceState::off || source->list) continue;
    if (std::ranges::find(published.list_names, source->options.name) != published.list_names.end()) {
      return source->options.name;
    }
  }
  return {};
}

void Updater::publish(std::uint64_t since_realtime_ns) {
  publication_due_ = true;
  if (const auto published = publisher_.published()) {
    if (const auto holder = held_by(*published); !holder.empty()) {
      needs_.observer.on_publication_held(holder);
      return;
    }
  }
  const auto edge = needs_.read_counters();
  const auto publication = publisher_.publish(inputs(), edge ? counters::get(edge->header->applied_generation) : 0);
  if (!publication) {
    publication_error_code_ = name_of(publication.error().code);
    needs_.observer.on_publication_failed(publication.error());
    return;
  }
  publication_due_ = false;
  publication_error_code_.clear();
  published_generation_ = publication->generation;
  published_realtime_ns_ = publication->created_realtime_ns;
  if (!publication->changed) return;
  acknowledgements_.expect(publication->generation, since_realtime_ns);
  changed_.notify_all();
  needs_.observer.on_published(*publication);
}

void Updater::wait_for_edge() {
  std::uint64_t waited_ms = 0;  // for the edge, since it last answered
  std::uint64_t pause_ms = kIdlePollMs;
  while (!stop_.wait_ms(pause_ms)) {
    {
      const std::lock_guard lock(mutex_);
      waited_ms = acknowledgements_.waiting() ? waited_ms + pause_ms : 0;
    }
    pause_ms = waited_ms == 0 ? kIdlePollMs : waited_ms < kPatienceMs ? kAcknowledgementPollMs : kAwayPollMs;
    if (waited_ms == 0) continue;
    const auto edge = needs_.read_counters();
    if (!edge) continue;
    const std::lock_guard lock(mutex_);
    if (const auto applied = acknowledgements_.take(*edge->header)) needs_.observer.on_applied(*applied);
  }
}

}  // namespace parapet::lists
