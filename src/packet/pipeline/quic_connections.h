// SPDX-License-Identifier: Apache-2.0
// The pool of QUIC connections whose hellos are, or were lately, read; by the two ends between which they are made.
//
// Two ends may have several: each first connection id makes one. A connection whose whole hello came in one datagram is
// kept for as long as nobody else needs its place, as nothing is lost with it: its server has all or nothing. One that
// came in parts is worth more, an unfinished one still more, and one that was stopped while its server has a part of it
// is never given up before its time.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "packet/flow/stream_table.h"
#include "packet/flow/subscriber_shares.h"
#include "packet/pipeline/shortage.h"
#include "packet/quic/hello_assembly.h"
#include "packet/quic/initial_keys.h"
#include "packet/quic/packet_numbers.h"

namespace parapet::packet {

using ConnectionIndex = Id<struct ConnectionTag, std::uint32_t>;
inline constexpr ConnectionIndex kNoConnection{0xffffffff};

enum class HelloState : std::uint8_t {
  unfinished,  // part of a hello is there, or the next one began
  finished,    // no hello is unfinished; none was listed
  blocked,     // a listed hello was stopped: no further Initial goes to the server
};

// Plain data, all zero when free.
struct QuicConnection {
  ConnectionId first_destination;  // what its keys come from, in every version
  QuicVersion version;             // which `keys` are of
  InitialKeys keys;
  PacketNumbers numbers;
  HelloBytes hello;
  std::uint64_t first_datagram;  // the number of the one that began it
  HelloState state;
  bool in_parts;  // CRYPTO bytes came in more than that one: the server may have some without the others
  bool cap_counted;
};

enum class AddOutcome : std::uint8_t {
  added,
  too_many,  // between these two ends; nothing changed
  no_place,  // all others are worth more; nothing changed
};

//   thread  one
class QuicConnections {
 public:
  //   connections   that can be unfinished at a time with the longest hello each; four times as many have a place
  //   hello_bytes   of the longest hello
  //   errors        invalid_argument · limit (memory)
  static Result<QuicConnections> create(std::uint32_t connections, std::uint32_t hello_bytes);

  // Of finished and unfinished connections, since their last packet; of blocked ones, since they were stopped.
  void set_block_hold(Tick ticks) noexcept { block_hold_ticks_ = ticks; }
  // Before each burst: closes some of those that grew old.
  void begin_burst(Tick now) noexcept;

  // The connections between two ends, the newest first. Closes the old ones among them.
  ConnectionIndex first_between(const StreamKey& ends, std::uint64_t hash) noexcept;
  ConnectionIndex next(ConnectionIndex index) const noexcept { return {places_[index.value].next_plus_one - 1}; }
  QuicConnection& operator[](ConnectionIndex index) noexcept { return places_[index.value].connection; }

  // Gives a connection a place. One that is worth no more than it gives way.
  //   given_up  whether an unfinished one gave way
  AddOutcome add(const StreamKey& ends, std::uint64_t hash, SubscriberPlace subscriber,
                 const QuicConnection& connection, bool& given_up) noexcept;
  void touch(ConnectionIndex index) noexcept { places_[index.value].last_used = now_; }
  void set_state(ConnectionIndex index, HelloState state) noexcept;
  void close(ConnectionIndex index) noexcept;

  // Makes sure that a whole hello can be kept, if need be at the cost of other connections than `spared`.
  //   given_up  as above
  void make_room(ConnectionIndex spared, bool& given_up) noexcept;

  KeptBytes& kept() noexcept { return kept_; }
  const KeptBytes& kept() const noexcept { return kept_; }
  SubscriberShares& shares() noexcept { return shares_; }
  ByteView memory() const noexcept { return places_.bytes(); }  // for a look at what is left in it

 private:
  // In the order in which they give way.
  enum class Worth : std::uint8_t { nothing, parts, unfinished, never };
  struct Place {
    QuicConnection connection;
    RecordIndex ends;             // in table_; the place is in use where `in_use`
    std::uint32_t next_plus_one;  // between the same ends; of free places, the next free one
    SubscriberPlace subscriber;
    Tick last_used;
    Tick blocked_at;
    bool in_use;
  };

  static Worth worth_of(const QuicConnection& connection) noexcept;
  bool is_old(const Place& place) const noexcept;
  bool has_room_between(std::uint32_t first_plus_one, HelloState state) noexcept;
  bool evict(Worth most, ConnectionIndex spared, bool& given_up) noexcept;
  bool gives_way_before(const Place& one, const Place& other) const noexcept;
  ConnectionIndex advance_hand() noexcept;

  StreamTable table_;
  FixedArray<std::uint32_t> first_plus_one_;  // by record of table_
  FixedArray<Place> places_;
  KeptBytes kept_;
  SubscriberShares shares_;
  std::uint32_t hello_blocks_ = 0;
  std::uint32_t first_free_plus_one_ = 0;
  std::uint32_t free_ = 0;  // places
  Shortage shortage_;
  std::uint32_t hand_ = 0;
  Tick now_ = 0;
  Tick block_hold_ticks_ = 0;
};

}  // namespace parapet::packet
