// SPDX-License-Identifier: Apache-2.0
// The walk: numbers are read whole where they are whole, parts are skipped by their length.
#include "packet/extract/hello_walk.h"

#include <algorithm>
#include <array>

namespace parapet::packet {
namespace {

constexpr std::uint32_t kClientHello = 1, kHostName = 0;
constexpr std::uint32_t kServerName = 0, kEarlyData = 42, kEncryptedClientHello = 0xfe0d;
constexpr std::uint32_t kVersionAndRandom = 34;

// Bytes of the number that each state reads; 0: a part. In the order of the states.
constexpr std::array<std::uint8_t, 16> kWidth{4, 0, 0, 1, 0, 2, 0, 1, 0, 2, 4, 0, 2, 3, 0, 0};

}  // namespace

HelloWalk::Progress HelloWalk::feed(ByteView bytes, RequestText& text, std::uint32_t message_limit) noexcept {
  const std::uint8_t* const begin = bytes.data();
  const std::uint8_t* const end = begin + bytes.size();
  const std::uint8_t* at = begin;
  while (at != end) {
    if (state_ == State::header) {
      at += read_number(at, static_cast<std::size_t>(end - at), 4);
      if (number_have_ < 4) break;
      if (const Step made = begin_message(text, message_limit); made != Step::more) {
        return {made, static_cast<std::size_t>(at - begin)};
      }
      continue;
    }
    const std::size_t used = step(at, std::min<std::size_t>(static_cast<std::size_t>(end - at), message_left_), text);
    at += used;
    message_left_ -= static_cast<std::uint32_t>(used);
    if (message_left_ > 0) continue;
    if (!in_hello_) {
      state_ = State::header;
      continue;
    }
    end_hello(text);
    return {Step::hello, static_cast<std::size_t>(at - begin)};
  }
  return {Step::more, bytes.size()};
}

HelloWalk::Step HelloWalk::begin_message(RequestText& text, std::uint32_t message_limit) noexcept {
  number_have_ = 0;
  message_left_ = number_ & 0xffffff;
  if (message_left_ > message_limit) return Step::too_long;
  if (number_ >> 24 != kClientHello) {
    if (message_left_ > 0) enter(State::other_message, message_left_);
    return Step::more;
  }
  text.clear();
  in_hello_ = true;
  ech_here_ = early_data_here_ = false;
  enter(State::fixed, kVersionAndRandom);
  if (message_left_ > 0) return Step::more;
  end_hello(text);
  return Step::hello;
}

void HelloWalk::end_hello(RequestText& text) noexcept {
  if (state_ == State::name && part_left_ > 0) text.name_lost = true;
  state_ = State::header;
  number_have_ = 0;
  names_left_ = 0;
  in_hello_ = false;
  ech_ = ech_here_;
  early_data_ = early_data_here_;
}

// At most to the end of the message; inside server_name at most to the end of the extension.
std::size_t HelloWalk::step(const std::uint8_t* at, std::size_t size, RequestText& text) noexcept {
  const bool in_names = names_left_ > 0;
  if (in_names) size = std::min<std::size_t>(size, names_left_);
  if (state_ == State::extension_head && number_have_ == 0) {
    if (const std::size_t passed = pass_extensions(at, size); passed > 0) return passed;
  }
  const unsigned width = kWidth[static_cast<std::size_t>(state_)];
  const std::size_t used = width > 0 ? read_number(at, size, width) : pass(at, size, text);
  if (width > 0 && number_have_ == width) take_number();
  if (!in_names) return used;
  names_left_ -= static_cast<std::uint32_t>(used);
  if (names_left_ == 0) {
    if (state_ == State::name && part_left_ > 0) text.name_lost = true;
    state_ = State::extension_head;
    number_have_ = 0;
  }
  return used;
}

// Extensions that mean nothing here and are wholly there, as many as stand in a row.
std::size_t HelloWalk::pass_extensions(const std::uint8_t* at, std::size_t size) noexcept {
  std::size_t passed = 0;
  while (size - passed >= 4) {
    const std::uint32_t type = load_be16(at + passed);
    const std::size_t length = std::size_t{load_be16(at + passed + 2)} + 4;
    if (type == kServerName || type == kEarlyData || type == kEncryptedClientHello || length > size - passed) break;
    passed += length;
  }
  return passed;
}

// A part without a number of its own: skipped, or copied if it is a name.
std::size_t HelloWalk::pass(const std::uint8_t* at, std::size_t size, RequestText& text) noexcept {
  const std::size_t length = std::min<std::size_t>(size, part_left_);
  if (state_ == State::name) name_.push(ByteView{at, length}, text);
  part_left_ -= static_cast<std::uint32_t>(length);
  if (part_left_ > 0) return length;
  if (state_ == State::name) name_.finish(text);
  state_ = kBehind[static_cast<std::size_t>(state_)];
  return length;
}

std::size_t HelloWalk::read_number(const std::uint8_t* at, std::size_t size, unsigned width) noexcept {
  if (number_have_ == 0 && size >= width) {
    number_ = width == 4 ? load_be32(at) : width == 3 ? load_be24(at) : width == 2 ? load_be16(at) : std::uint32_t{*at};
    number_have_ = static_cast<std::uint8_t>(width);
    return width;
  }
  if (number_have_ == 0) number_ = 0;
  std::size_t used = 0;
  while (used < size && number_have_ < width) {
    number_ = number_ << 8 | at[used++];
    ++number_have_;
  }
  return used;
}

void HelloWalk::take_number() noexcept {
  number_have_ = 0;
  switch (state_) {
    case State::session_length: return enter(State::session, number_);
    case State::suites_length: return enter(State::suites, number_);
    case State::compression_length: return enter(State::compression, number_);
    case State::extensions_length: state_ = State::extension_head; return;  // they go to the end of the message
    case State::extension_head: {
      const std::uint32_t type = number_ >> 16, length = number_ & 0xffff;
      if (type == kEncryptedClientHello) ech_here_ = true;
      if (type == kEarlyData) early_data_here_ = true;
      if (type != kServerName || length == 0) return enter(State::extension, length);
      names_left_ = length;
      state_ = State::names_length;
      return;
    }
    case State::names_length: state_ = State::name_head; return;  // they go to the end of the extension
    case State::name_head:
      name_.start();
      return enter(number_ >> 16 == kHostName ? State::name : State::other_name, number_ & 0xffff);
    default: return;
  }
}

// A part of no bytes is over at once.
void HelloWalk::enter(State part, std::uint32_t length) noexcept {
  part_left_ = length;
  state_ = length > 0 ? part : kBehind[static_cast<std::size_t>(part)];
}

}  // namespace parapet::packet
