// SPDX-License-Identifier: Apache-2.0
// HTTP/2 in cleartext behind its preface, as a client sends it, resumable at every byte.  RFC 9113.
//
//   frame: length 3 | type 1 | flags 1 | stream 4 | payload        HEADERS (CONTINUATION ...) = a header block =
//   request
//
// Only header blocks are read; every other frame is passed over by its length. A block that is broken, or over a bound,
// ends the reading: no server goes on behind it either, for the HPACK table is then lost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/extract/request_text.h"
#include "packet/hpack/hpack_decoder.h"

namespace parapet::packet {

inline constexpr std::uint32_t kMaxHeaderBlock = 64 * 1024;  // bytes of one header block, padding left out
inline constexpr unsigned kMaxContinuations = 16;            // of one header block
inline constexpr unsigned kMaxHeaderFields = 1024;           // likewise

//   state   trivially copyable, but the decoder it names in the pool is one alone: only the last copy may read on
class Http2Machine {
 public:
  enum class Step : std::uint8_t {
    more,     // everything consumed
    request,  // the last consumed byte completed a header block
    cap,      // broken, or over a bound
    no_pool,  // no decoder is free
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  //   pool  the same in every call; nullptr: none is free
  Progress feed(ByteView bytes, RequestText& text, HpackPool* pool) noexcept;
  // Gives the decoder back. To be called once, when nothing more is to be read.
  void release(HpackPool* pool) noexcept;

  bool idle() const noexcept { return state_ == State::frame_header && header_have_ == 0 && !in_block(); }
  bool keeps_text() const noexcept { return in_block(); }
  std::uint64_t body_bytes_ahead() const noexcept { return state_ == State::rest && !in_block() ? frame_left_ : 0; }

 private:
  enum class State : std::uint8_t { frame_header, pad_length, priority, fragment, rest };

  bool in_block() const noexcept { return block_stream_ != 0; }
  Step begin_frame(RequestText& text, HpackPool* pool) noexcept;
  Step begin_block(RequestText& text, HpackPool* pool) noexcept;
  Step begin_fragment() noexcept;
  Step read_fragment(ByteView bytes, RequestText& text, HpackPool* pool) noexcept;
  bool has(std::uint8_t flag) const noexcept { return (header_[4] & flag) != 0; }

  HpackIndex decoder_ = kNoHpack;
  std::uint32_t frame_left_ = 0;    // bytes of the payload
  std::uint32_t block_stream_ = 0;  // whose header block is open; 0: none is
  std::uint32_t block_bytes_ = 0;
  std::uint16_t fields_ = 0;  // of the block
  std::array<std::uint8_t, 9> header_{};
  std::uint8_t header_have_ = 0;
  std::uint8_t pad_ = 0;  // bytes behind the fragment
  std::uint8_t priority_left_ = 0;
  std::uint8_t continuations_ = 0;
  State state_ = State::frame_header;
};

}  // namespace parapet::packet
