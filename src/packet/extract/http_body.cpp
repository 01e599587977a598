// SPDX-License-Identifier: Apache-2.0
// Passing over bodies, and what happens where their end is not certain.  RFC 9112 §6.2, §7.1.
#include <algorithm>

#include "packet/extract/http_machine.h"
#include "packet/extract/scan.h"

namespace parapet::packet {

void HttpMachine::begin_message(Run& run) noexcept {
  renew(run, run.head_limit);
  state_ = State::message_start;
}

// For the rest of the connection; `at` says whether a line begins at the next byte or is under way.
void HttpMachine::enter_resync(Run& run, State at) noexcept {
  resync_ = true;
  in_head_ = false;
  odd_line_ = false;
  field_ = Field::other;
  renew(run, maybe_upgraded_ ? kMaxUpgradedGap : kMaxResyncGap);
  state_ = at;
}

HttpMachine::Step HttpMachine::read_body(Run& run) noexcept {
  const std::uint64_t length = std::min<std::uint64_t>(body_left_, static_cast<std::uint64_t>(run.end - run.at));
  run.at += length;
  body_left_ -= length;
  if (body_left_ == 0) begin_message(run);
  return Step::more;
}

void HttpMachine::begin_chunk(Run& run) noexcept {
  renew(run, run.head_limit);
  begin_token();
  body_left_ = 0;
  state_ = State::chunk_size;
}

// size [blanks] [;extension] CR LF. Whatever else stands there may be the start of a request to somebody: its letters
// are kept as a token and read on as one.
HttpMachine::Step HttpMachine::read_chunk_line(Run& run) noexcept {
  if (state_ == State::chunk_extension) {
    run.at = find_line_end(run.at, run.end);
    if (run.done()) return Step::more;
  }
  const std::uint8_t c = *run.at;
  if (state_ == State::chunk_cr) {
    if (c != kLf) {
      enter_resync(run, State::skip_line);
    } else if (++run.at; body_left_ > 0) {
      state_ = State::chunk_data;
    } else {
      renew(run, run.head_limit);
      state_ = State::trailer_start;
    }
    return Step::more;
  }
  if (const int digit = hex_value(c); state_ == State::chunk_size && digit >= 0 && body_left_ >> 52 == 0) {
    push_token(c);
    body_left_ = body_left_ * 16 + static_cast<unsigned>(digit);
    ++run.at;
  } else if (c == kCr && token_length_ > 0) {
    ++run.at;
    state_ = State::chunk_cr;
  } else if (c == ';' && token_length_ > 0) {
    ++run.at;
    state_ = State::chunk_extension;
  } else if (is_blank(c) && token_length_ > 0) {
    ++run.at;
    state_ = State::chunk_blank;
  } else {
    const bool behind_token = state_ == State::chunk_blank || state_ == State::chunk_extension;
    enter_resync(run, token_length_ == 0 ? State::line_start : behind_token ? State::after_token : State::token);
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::read_chunk_data(Run& run) noexcept {
  if (state_ == State::chunk_data) {
    const std::uint64_t length = std::min<std::uint64_t>(body_left_, static_cast<std::uint64_t>(run.end - run.at));
    run.at += length;
    body_left_ -= length;
    if (body_left_ == 0) {
      renew(run, run.head_limit);
      state_ = State::chunk_data_cr;
    }
    return Step::more;
  }
  const std::uint8_t wanted = state_ == State::chunk_data_cr ? kCr : kLf;
  if (*run.at != wanted) {
    enter_resync(run, State::line_start);
  } else if (++run.at; wanted == kCr) {
    state_ = State::chunk_data_lf;
  } else {
    begin_chunk(run);
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::read_trailers(Run& run) noexcept {
  if (state_ == State::trailer_line) {
    run.at = std::find(run.at, run.end, kLf);
    if (run.done()) return Step::more;
    ++run.at;
    state_ = State::trailer_start;
    return Step::more;
  }
  const std::uint8_t c = *run.at;
  if (c == kLf) {
    ++run.at;
    begin_message(run);
  } else if (c == kCr && state_ == State::trailer_start) {
    ++run.at;
    state_ = State::trailer_cr;
  } else {
    state_ = State::trailer_line;
  }
  return Step::more;
}

}  // namespace parapet::packet
