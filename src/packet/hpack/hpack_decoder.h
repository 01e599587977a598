// SPDX-License-Identifier: Apache-2.0
// Header blocks of HTTP/2 into fields, for a bounded number of connections.  RFC 7541, RFC 9113 §4.3.
//
// The decoding is libnghttp2's, in memory that is taken at start: each connection has a heap of its own.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "packet/flow/fixed_array.h"
#include "packet/hpack/fixed_heap.h"

namespace parapet::packet {

// What one client's encoder may refer back to: the default of SETTINGS_HEADER_TABLE_SIZE (RFC 9113 §6.5.2). A block
// that asks for more is broken.
inline constexpr std::size_t kHpackTableSize = 4096;

// One connection's decoder. Lives in an HpackPool.
//   cost    one pass, no allocation outside of its heap
//   thread  one
class HpackDecoder {
 public:
  // A whole field; the views hold until the next call.
  struct Field {
    ByteView name;
    ByteView value;
  };
  enum class Step : std::uint8_t {
    more,    // the fragment is used up
    field,   // `out` holds one
    end,     // the fragment is used up and the block is whole
    broken,  // no HPACK, or more than the heap holds (its heap takes strings of 16 KiB)
  };

  // Reads on in a header block.
  //   fragment  loses the bytes that were read
  //   last      nothing of this block comes behind the fragment
  Step next(ByteView& fragment, bool last, Field& out) noexcept;

 private:
  friend class HpackPool;
  bool begin() noexcept;  // false: no memory, which a new heap does not bring about

  bool field_given_;  // by the call before
  nghttp2_mem allocator_;
  nghttp2_hd_inflater* inflater_;
  FixedHeap heap_;
};

// An index into an HpackPool; kNoHpack: none.
struct HpackIndex {
  std::uint32_t value;
  friend bool operator==(const HpackIndex&, const HpackIndex&) = default;
};
inline constexpr HpackIndex kNoHpack{UINT32_MAX};

// The decoders of one worker. All memory is taken in create(): about 101 KiB each.
class HpackPool {
 public:
  //   errors  limit (memory)
  static Result<HpackPool> create(std::uint32_t connections);

  HpackIndex take() noexcept;                   // kNoHpack: none is free
  void give_back(HpackIndex decoder) noexcept;  // its memory is wiped
  HpackDecoder& operator[](HpackIndex decoder) noexcept { return decoders_[decoder.value]; }

  std::uint32_t in_use() const noexcept { return static_cast<std::uint32_t>(free_.size()) - free_count_; }
  ByteView bytes() const noexcept { return decoders_.bytes(); }  // for a look at what is left in memory

 private:
  FixedArray<HpackDecoder> decoders_;
  FixedArray<std::uint32_t> free_;  // a stack
  std::uint32_t free_count_ = 0;
};

}  // namespace parapet::packet
