// SPDX-License-Identifier: Apache-2.0
// Datagrams on their way in fragments: each fragment is copied as it goes by, until the datagram can be read.
//
// A datagram is known by a keyed hash alone. Fragments may come in any order and again, but no two may overlap: which
// bytes an end would take of two is not to be known (RFC 5722 forbids it for IPv6, and no sender does it in IPv4), so
// an overlap kills the datagram. Memory is fixed: where it is short, the oldest datagram gives way, and a source with
// more than 64 open ones loses its own oldest.
#pragma once

#include <array>
#include <cstdint>

#include "packet/decode/decode.h"
#include "packet/flow/fragment_blocks.h"
#include "packet/flow/fragment_dead_keys.h"
#include "packet/flow/slot_list.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

inline constexpr std::uint32_t kMaxFragments = 64;          // of one datagram
inline constexpr std::uint32_t kMaxDatagramsOfSource = 64;  // open at once

using DatagramIndex = Id<struct DatagramTag, std::uint32_t>;

enum class FragmentOutcome : std::uint8_t {
  kept,          // its datagram is not whole yet; or an exact copy of an earlier one
  whole,         // completes its datagram
  not_followed,  // there is no memory for it
  invalid,       // no end may take it, or its datagram is in more than 64 pieces
  overlap,       // overlaps others of its datagram, which is dead from now on; or the rest of such a datagram
  stopped,       // the rest of a datagram that was stopped
};

//   thread  one
class FragmentTable {
 public:
  struct Options {
    std::uint32_t datagrams;
    std::uint32_t blocks;
    Tick timeout;  // an incomplete datagram is forgotten after it
  };
  static Result<FragmentTable> create(const Options& options);

  struct Fragment {
    std::uint64_t hash;         // of its datagram
    std::uint64_t source_hash;  // of who sent it
    FragmentPart part;
    ByteView data;
    std::uint32_t path;  // of what in its header may decide whether it arrives; the same for all of honest datagrams
  };
  struct Taken {
    FragmentOutcome outcome;
    DatagramIndex datagram;  // where it is whole: until retire() or stop()
    std::uint32_t given_up;  // unfinished datagrams that are followed no more
  };
  Taken take(const Fragment& fragment, Tick now) noexcept;

  // Gives up unfinished datagrams that began longer ago than `age`, at most a few of them. Returns how many.
  std::uint32_t give_up_older(Tick age, Tick now) noexcept;

  // Of a whole datagram. No fragment finds it any more, what was in it least of all.
  std::uint32_t length(DatagramIndex datagram) const noexcept { return datagrams_[datagram.value].received; }
  std::uint8_t protocol(DatagramIndex datagram) const noexcept { return datagrams_[datagram.value].protocol; }
  void read(DatagramIndex datagram, MutableBytes out) const noexcept {
    blocks_.read(datagrams_[datagram.value].blocks, out);
  }
  bool equals(DatagramIndex datagram, ByteView bytes) const noexcept {
    return bytes.size() == length(datagram) && blocks_.equal(datagrams_[datagram.value].blocks, 0, bytes);
  }

  // A whole datagram goes on: another of the same key may come at once. Where its fragments differ in what decides
  // whether they arrive, the server may lack some, and the key is dead as well.
  // Both: how many dead keys had to be forgotten.
  std::uint32_t retire(DatagramIndex datagram, Tick now) noexcept;
  // It does not: what comes of it from now on is stopped.
  std::uint32_t stop(DatagramIndex datagram, Tick now) noexcept;

  std::uint32_t open_datagrams() const noexcept { return open_; }
  std::uint32_t datagrams() const noexcept { return static_cast<std::uint32_t>(datagrams_.size()); }
  std::uint32_t blocks() const noexcept { return blocks_.blocks(); }
  std::uint32_t free_blocks() const noexcept { return blocks_.free_blocks(); }
  ByteView memory() const noexcept { return blocks_.memory(); }  // for a look at what is left in it

 private:
  struct Extent {
    std::uint16_t begin;
    std::uint16_t end;
  };
  struct Datagram {
    std::uint64_t hash;
    SlotLinks by_age;
    SlotLinks by_source;
    Tick since;  // its first fragment came
    std::uint32_t source;
    std::uint32_t path;
    std::uint32_t received;  // bytes
    std::uint16_t total;     // valid with has_last
    std::uint8_t count;
    std::uint8_t protocol;  // of the first fragment
    bool has_last;
    bool odd;  // its fragments differ in `path`
    std::array<Extent, kMaxFragments> extents;
    DatagramBlocks blocks;
  };
  struct Source {
    SlotList datagrams;
    std::uint32_t count;
  };
  enum class Fit : std::uint8_t { new_bytes, copy, overlap };

  std::uint32_t home(std::uint64_t hash) const noexcept { return static_cast<std::uint32_t>(hash >> 32) & place_mask_; }
  std::uint32_t find(std::uint64_t hash) const noexcept;
  std::uint32_t open(const Fragment& fragment, Tick now, std::uint32_t& given_up) noexcept;
  void close(std::uint32_t index) noexcept;
  void take_out(std::uint32_t index) noexcept;  // from all that finds it
  void release(std::uint32_t index) noexcept;   // its memory
  bool make_room(std::uint32_t index, std::uint32_t blocks, std::uint32_t& given_up) noexcept;
  Fit fit_of(const Datagram& datagram, const Fragment& fragment) const noexcept;
  std::uint32_t kill(std::uint32_t index, Tick now) noexcept;  // for an overlap

  FixedArray<Datagram> datagrams_;
  FixedArray<std::uint32_t> free_;    // a stack
  FixedArray<std::uint32_t> places_;  // open addressing by hash: index plus one
  FixedArray<Source> sources_;        // by a source's hash; those that share one share their quota
  FragmentBlocks blocks_;
  FragmentDeadKeys dead_;
  SlotList by_age_;
  std::uint32_t place_mask_ = 0;
  std::uint32_t open_ = 0;
  Tick timeout_ = 0;
};

}  // namespace parapet::packet
