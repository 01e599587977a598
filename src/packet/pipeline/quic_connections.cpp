// SPDX-License-Identifier: Apache-2.0
// Places for QUIC connections: giving, taking back, growing old.
#include "packet/pipeline/quic_connections.h"

#include <algorithm>

namespace parapet::packet {
namespace {

// No server waits longer for the rest of a hello.
constexpr Tick kIdleTicks = tick_of(60 * kNanosecondsPerSecond);
// Nor, while places are short, is an unfinished one kept that nothing came for in so long: clients send again sooner.
constexpr Tick kShortTicks = tick_of(3 * kNanosecondsPerSecond);
constexpr std::uint32_t kPlacesPerConnection = 4;
constexpr std::uint32_t kMaxBlocks = 1u << 22;
constexpr unsigned kAgedPerBurst = 4;
constexpr unsigned kEvictionCandidates = 8, kMaxPassedOver = 64;
// Between two ends. A client has one unfinished connection, or two behind a Retry; more are decoys.
constexpr unsigned kMaxUnfinished = 4, kMaxBetween = 16;
// By so many more unfinished ones one subscriber stands out from another: in a flood from made-up addresses several of
// them fall together in each share, and a small lead says nothing.
constexpr std::uint32_t kClearLead = 16;

}  // namespace

Result<QuicConnections> QuicConnections::create(std::uint32_t connections, std::uint32_t hello_bytes) {
  if (connections == 0 || connections > 1u << 20 || hello_bytes == 0 || hello_bytes > 1u << 16) {
    return fail(ErrorCode::invalid_argument, "QUIC: 1 to 1048576 connections of 1 to 65536 bytes can be had");
  }
  const std::uint32_t places = connections * kPlacesPerConnection;
  const std::uint32_t hello_blocks = (hello_bytes + kKeptBlockSize - 1) / kKeptBlockSize;
  const std::uint32_t blocks = (connections + 1) * hello_blocks;  // one that has no place is read, too
  if (blocks > kMaxBlocks) {
    return fail(ErrorCode::invalid_argument, "QUIC: connections times their longest hello may be 4 GiB");
  }
  auto table = StreamTable::create(places);
  if (!table) return std::unexpected(table.error());
  auto firsts = FixedArray<std::uint32_t>::create(places, "QUIC connections");
  if (!firsts) return std::unexpected(firsts.error());
  auto memory = FixedArray<Place>::create(places, "QUIC connections");
  if (!memory) return std::unexpected(memory.error());
  auto kept = KeptBytes::create(blocks, hello_blocks);
  if (!kept) return std::unexpected(kept.error());
  auto shares = SubscriberShares::create();
  if (!shares) return std::unexpected(shares.error());

  QuicConnections made;
  made.table_ = std::move(*table);
  made.first_plus_one_ = std::move(*firsts);
  made.places_ = std::move(*memory);
  made.kept_ = std::move(*kept);
  made.shares_ = std::move(*shares);
  made.hello_blocks_ = hello_blocks;
  made.first_free_plus_one_ = 1;
  made.free_ = places;
  for (std::uint32_t i = 0; i < places; ++i) made.places_[i].next_plus_one = i + 1 < places ? i + 2 : 0;
  return made;
}

void QuicConnections::begin_burst(Tick now) noexcept {
  now_ = now;
  shortage_.note(free_, places_.size(), now);
  for (unsigned i = 0; i < kAgedPerBurst; ++i) {
    const ConnectionIndex index = advance_hand();
    if (index != kNoConnection && is_old(places_[index.value])) close(index);
  }
}

bool QuicConnections::is_old(const Place& place) const noexcept {
  if (place.connection.state == HelloState::blocked) return ticks_since(place.blocked_at, now_) >= block_hold_ticks_;
  const bool in_the_way = place.connection.state == HelloState::unfinished && shortage_.is_felt(now_);
  return ticks_since(place.last_used, now_) >= (in_the_way ? kShortTicks : kIdleTicks);
}

ConnectionIndex QuicConnections::first_between(const StreamKey& ends, std::uint64_t hash) noexcept {
  const RecordIndex record = table_.find(ends, hash);
  if (record == kNoRecord) return kNoConnection;
  ConnectionIndex first = kNoConnection, behind{};
  for (ConnectionIndex at{first_plus_one_[record.value] - 1}; at != kNoConnection; at = behind) {
    behind = next(at);
    if (is_old(places_[at.value])) {
      close(at);
    } else if (first == kNoConnection) {
      first = at;
    }
  }
  return first;
}

AddOutcome QuicConnections::add(const StreamKey& ends, std::uint64_t hash, SubscriberPlace subscriber,
                                const QuicConnection& connection, bool& given_up) noexcept {
  const RecordIndex known = table_.find(ends, hash);
  if (known != kNoRecord && !has_room_between(first_plus_one_[known.value], connection.state)) {
    return AddOutcome::too_many;
  }
  const Worth most = std::min(worth_of(connection), Worth::unfinished);
  if (first_free_plus_one_ == 0 && !evict(most, kNoConnection, given_up)) return AddOutcome::no_place;
  RecordIndex record = table_.find(ends, hash);  // the one that gave way may have been the last between these ends
  if (record == kNoRecord) {
    record = table_.insert(ends, hash, now_);
    first_plus_one_[record.value] = 0;
  }
  const ConnectionIndex index{first_free_plus_one_ - 1};
  Place& place = places_[index.value];
  first_free_plus_one_ = place.next_plus_one;
  --free_;
  place = {.connection = connection,
           .ends = record,
           .next_plus_one = first_plus_one_[record.value],
           .subscriber = subscriber,
           .last_used = now_,
           .blocked_at = now_,
           .in_use = true};
  first_plus_one_[record.value] = index.value + 1;
  if (connection.state == HelloState::unfinished) shares_.hold(subscriber);
  return AddOutcome::added;
}

// Makes room by closing the oldest with which nothing is lost.
bool QuicConnections::has_room_between(std::uint32_t first_plus_one, HelloState state) noexcept {
  unsigned count = 0, unfinished = 0;
  ConnectionIndex dispensable = kNoConnection;
  for (ConnectionIndex at{first_plus_one - 1}; at != kNoConnection; at = next(at)) {
    const QuicConnection& connection = places_[at.value].connection;
    ++count;
    unfinished += connection.state == HelloState::unfinished;
    if (worth_of(connection) == Worth::nothing) dispensable = at;
  }
  if (state == HelloState::unfinished && unfinished >= kMaxUnfinished) return false;
  if (count < kMaxBetween) return true;
  if (dispensable == kNoConnection) return false;
  close(dispensable);
  return true;
}

void QuicConnections::set_state(ConnectionIndex index, HelloState state) noexcept {
  Place& place = places_[index.value];
  if (place.connection.state == state) return;
  if (place.connection.state == HelloState::unfinished) shares_.give_back(place.subscriber);
  if (state == HelloState::unfinished) shares_.hold(place.subscriber);
  if (state == HelloState::blocked) place.blocked_at = now_;
  place.connection.state = state;
}

void QuicConnections::close(ConnectionIndex index) noexcept {
  Place& place = places_[index.value];
  if (place.connection.state == HelloState::unfinished) shares_.give_back(place.subscriber);
  kept_.release_all(place.connection.hello.chain);
  std::uint32_t* link = &first_plus_one_[place.ends.value];
  while (*link != index.value + 1) link = &places_[*link - 1].next_plus_one;
  *link = place.next_plus_one;
  if (first_plus_one_[place.ends.value] == 0) table_.erase(place.ends);
  wipe(&place, sizeof place);
  place.next_plus_one = first_free_plus_one_;
  first_free_plus_one_ = index.value + 1;
  ++free_;
}

void QuicConnections::make_room(ConnectionIndex spared, bool& given_up) noexcept {
  while (kept_.free_blocks() < hello_blocks_ && evict(Worth::unfinished, spared, given_up)) {
  }
}

QuicConnections::Worth QuicConnections::worth_of(const QuicConnection& connection) noexcept {
  switch (connection.state) {
    case HelloState::unfinished: return Worth::unfinished;
    case HelloState::finished: return connection.in_parts ? Worth::parts : Worth::nothing;
    case HelloState::blocked: break;
  }
  return connection.in_parts ? Worth::never : Worth::nothing;
}

// The less worth one; of unfinished ones, that of a subscriber who has far more of them; of equals the older.
bool QuicConnections::gives_way_before(const Place& one, const Place& other) const noexcept {
  const Worth worth = worth_of(one.connection), other_worth = worth_of(other.connection);
  if (worth != other_worth) return worth < other_worth;
  if (worth == Worth::unfinished) {
    const std::uint32_t held = shares_.held(one.subscriber), other_held = shares_.held(other.subscriber);
    if (held > other_held + kClearLead) return true;
    if (other_held > held + kClearLead) return false;
  }
  return ticks_since(one.last_used, now_) > ticks_since(other.last_used, now_);
}

// Closes, of a few, the one that gives way before the others.
//   most     what it may be worth at most
//   spared   not this one
bool QuicConnections::evict(Worth most, ConnectionIndex spared, bool& given_up) noexcept {
  ConnectionIndex chosen = kNoConnection;
  for (unsigned candidates = 0, passed = 0; candidates < kEvictionCandidates && passed < kMaxPassedOver; ++passed) {
    const ConnectionIndex index = advance_hand();
    if (index == kNoConnection || index == spared || worth_of(places_[index.value].connection) > most) continue;
    ++candidates;
    if (chosen == kNoConnection || gives_way_before(places_[index.value], places_[chosen.value])) chosen = index;
    if (worth_of(places_[chosen.value].connection) == Worth::nothing) break;  // which of those matters to nobody
  }
  if (chosen == kNoConnection) return false;
  given_up |= places_[chosen.value].connection.state == HelloState::unfinished;
  close(chosen);
  return true;
}

// Moves the clock's hand one place on: kNoConnection where that one is free.
ConnectionIndex QuicConnections::advance_hand() noexcept {
  hand_ = hand_ + 1 < places_.size() ? hand_ + 1 : 0;
  return places_[hand_].in_use ? ConnectionIndex{hand_} : kNoConnection;
}

}  // namespace parapet::packet
