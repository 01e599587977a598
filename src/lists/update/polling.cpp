// SPDX-License-Identifier: Apache-2.0
// One source's thread: when it is asked, for what, and what must be done to an answer before it is judged.
#include <poll.h>
#include <algorithm>
#include <random>

#include "lists/update/updater.h"

namespace parapet::lists {
namespace {

// Entries of the base that do not stand in what an increment makes of it, or stand there anew; ascending.
std::vector<EntryId> left_out_of_base(const GuardedList& read) {
  std::vector<EntryId> ids;
  for (const auto* entries : {&read.increment->removed, &read.list.entries}) {
    for (const auto& entry : *entries) ids.push_back(EntryId{entry.id});
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

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

Updater::Asked Updater::ask(const Source& source, bool whole) {
  PollRequest request{.source = whole ? source.options.whole() : source.options,
                      .etag = {},
                      .last_modified = {},
                      .guard = options_.guard};
  Asked asked;
  if (needs_.archive != nullptr) {
    auto entries = EntriesMemory::create();
    if (!entries) {
      asked.reply = std::unexpected(entries.error());
      return asked;
    }
    asked.entries.emplace(std::move(*entries));
    request.entries = &*asked.entries;
  }
  {
    const std::lock_guard lock(mutex_);
    const auto* newest = source.intake.newest();
    if (!whole && newest != nullptr && is_archived(*newest)) {  // else it is asked for once more
      request.etag = newest->etag;
      request.last_modified = newest->last_modified;
    }
    request.trusted_now_realtime_ns = trusted_clock_.now_realtime_ns();
  }
  asked.reply = needs_.read_source(request, stop_);
  auto* read = asked.reply ? std::get_if<GuardedList>(&*asked.reply) : nullptr;
  if (whole && read != nullptr) {  // these marks are of full_url, and the next question goes to url
    read->list.etag.clear();
    read->list.last_modified.clear();
  }
  return asked;
}

// Where there is nothing that an increment could change, or its entries are not kept.
bool Updater::wants_whole(const Source& source) const {
  const std::lock_guard lock(mutex_);
  if (source.options.full_url.empty()) return false;
  const auto& list = source.intake.list();
  return source.intake.newest() == nullptr || (list != nullptr && !is_archived(*list));
}

// An increment must fit its base, and the sealed entries become those of the whole list.
//   errors  refused: it does not fit · those of join_entries
Status Updater::prepare(const Source& source, Asked& asked) {
  const auto* read = asked.reply ? std::get_if<GuardedList>(&*asked.reply) : nullptr;
  if (read == nullptr || !read->increment) return {};
  JoinRequest join{.archive = needs_.archive,
                   .base = {source.options.name, 0},
                   .added = nullptr,
                   .left_out = {},
                   .deadline_ms = source.options.read_deadline_ms};
  {
    const std::lock_guard lock(mutex_);
    if (auto status = source.intake.can_apply(*read); !status) return status;
    const auto succession = source.intake.succession_of(*read);
    if (succession.follows != Follows::fits || !asked.entries) return {};
    join.base.number = succession.base_number;
  }
  join.added = &*asked.entries;
  join.left_out = left_out_of_base(*read);
  auto joined = needs_.join_entries(join, stop_);
  if (!joined) return std::unexpected(joined.error().within("archive"));
  asked.entries.emplace(std::move(*joined));
  return {};
}

void Updater::poll_once(Source& source) {
  const std::uint64_t begun = needs_.clock.realtime_ns();
  const bool whole = wants_whole(source);
  auto asked = ask(source, whole);
  if (stop_.raised()) return;
  if (auto status = prepare(source, asked); !status) {
    if (stop_.raised()) return;
    asked.reply = std::unexpected(status.error());
    if (!whole && !source.options.full_url.empty()) {
      {
        const std::lock_guard lock(mutex_);
        needs_.observer.on_list_refused(source.options.name, status.error());
      }
      asked = ask(source, true);
      if (stop_.raised()) return;
    }
  }
  take_reply(source, std::move(asked.reply), begun, asked.entries ? &*asked.entries : nullptr);
}

}  // namespace parapet::lists
