// SPDX-License-Identifier: Apache-2.0
// Takes frames apart and puts header blocks together.
#include "packet/extract/http2_machine.h"

#include <algorithm>

#include "packet/extract/http2_fields.h"

namespace parapet::packet {
namespace {

constexpr std::uint8_t kHeaders = 1, kContinuation = 9;
constexpr std::uint8_t kEndHeaders = 4, kPadded = 8, kPriority = 0x20;
constexpr std::uint32_t kPriorityLength = 5;

}  // namespace

void Http2Machine::release(HpackPool* pool) noexcept {
  if (decoder_ != kNoHpack) pool->give_back(decoder_);
  decoder_ = kNoHpack;
}

Http2Machine::Progress Http2Machine::feed(ByteView bytes, RequestText& text, HpackPool* pool) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ByteView left = bytes.subspan(at);
    std::size_t used = 1;
    Step made = Step::more;
    switch (state_) {
      case State::frame_header:
        header_[header_have_++] = left[0];
        if (header_have_ == header_.size()) made = begin_frame(text, pool);
        break;
      case State::pad_length:
        pad_ = left[0];
        --frame_left_;
        made = begin_fragment();
        break;
      case State::priority:
        used = std::min<std::size_t>(left.size(), priority_left_);
        priority_left_ = static_cast<std::uint8_t>(priority_left_ - used);
        frame_left_ -= static_cast<std::uint32_t>(used);
        if (priority_left_ == 0) state_ = State::fragment;
        break;
      case State::fragment:
        used = std::min<std::size_t>(left.size(), frame_left_ - pad_);
        frame_left_ -= static_cast<std::uint32_t>(used);
        made = read_fragment(left.first(used), text, pool);
        break;
      case State::rest:
        used = std::min<std::size_t>(left.size(), frame_left_);
        frame_left_ -= static_cast<std::uint32_t>(used);
        break;
    }
    at += used;
    // An empty fragment may still end a block.
    if (made == Step::more && state_ == State::fragment && frame_left_ == pad_) made = read_fragment({}, text, pool);
    if (state_ == State::rest && frame_left_ == 0) state_ = State::frame_header;
    if (made != Step::more) return {made, at};
  }
  return {Step::more, at};
}

// The nine bytes of a frame's header are there.
Http2Machine::Step Http2Machine::begin_frame(RequestText& text, HpackPool* pool) noexcept {
  header_have_ = 0;
  frame_left_ = load_be24(header_.data());
  const std::uint32_t stream = load_be32(header_.data() + 5) & 0x7fffffff;
  const std::uint8_t type = header_[3];
  pad_ = priority_left_ = 0;
  if (in_block() != (type == kContinuation)) return Step::cap;  // RFC 9113 §6.10: nothing stands inside a block
  if (type == kContinuation) {
    if (stream != block_stream_ || ++continuations_ > kMaxContinuations) return Step::cap;
    return begin_fragment();
  }
  if (type != kHeaders) {
    state_ = State::rest;
    return Step::more;
  }
  if (stream == 0) return Step::cap;
  block_stream_ = stream;
  return begin_block(text, pool);
}

Http2Machine::Step Http2Machine::begin_block(RequestText& text, HpackPool* pool) noexcept {
  if (decoder_ == kNoHpack) {
    if (pool != nullptr) decoder_ = pool->take();
    if (decoder_ == kNoHpack) return Step::no_pool;
  }
  text.clear();
  block_bytes_ = 0;
  fields_ = 0;
  continuations_ = 0;
  if (has(kPriority)) priority_left_ = kPriorityLength;
  if (!has(kPadded)) return begin_fragment();
  if (frame_left_ == 0) return Step::cap;
  state_ = State::pad_length;
  return Step::more;
}

// What is left of the frame is priority, fragment and padding.
Http2Machine::Step Http2Machine::begin_fragment() noexcept {
  const std::uint32_t around = std::uint32_t{pad_} + priority_left_;
  if (around > frame_left_) return Step::cap;
  block_bytes_ += frame_left_ - around;
  state_ = priority_left_ > 0 ? State::priority : State::fragment;
  return block_bytes_ > kMaxHeaderBlock ? Step::cap : Step::more;
}

Http2Machine::Step Http2Machine::read_fragment(ByteView bytes, RequestText& text, HpackPool* pool) noexcept {
  const bool frame_ends = frame_left_ == pad_;
  const bool last = frame_ends && has(kEndHeaders);
  HpackDecoder& decoder = (*pool)[decoder_];
  HpackDecoder::Field field;
  HpackDecoder::Step made;
  while ((made = decoder.next(bytes, last, field)) == HpackDecoder::Step::field) {
    if (++fields_ > kMaxHeaderFields) return Step::cap;
    take_http2_field(field.name, field.value, text);
  }
  if (made == HpackDecoder::Step::broken) return Step::cap;
  if (frame_ends) state_ = State::rest;
  if (made != HpackDecoder::Step::end) return Step::more;
  block_stream_ = 0;
  const bool says_nothing = text.name_count == 0 && text.target_length == 0 && !text.name_lost;  // trailers
  return says_nothing ? Step::more : Step::request;
}

}  // namespace parapet::packet
