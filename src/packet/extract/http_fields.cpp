// SPDX-License-Identifier: Apache-2.0
// Field lines of a head: Host in every spelling a server might accept, and what frames the body.  RFC 9112 §5, §6.
#include <algorithm>

#include "packet/extract/http_machine.h"
#include "packet/extract/scan.h"

namespace parapet::packet {
namespace {

constexpr std::ptrdiff_t kDeciding = 4;
constexpr std::uint32_t letters(const char (&text)[kDeciding + 1]) noexcept {
  std::uint32_t word = 0;
  for (const char c : {text[0], text[1], text[2], text[3]}) word = word << 8 | static_cast<std::uint8_t>(c);
  return word;
}

// Whether a line that begins with these four bytes could be a field that matters, or no field at all; every other line
// is passed over whole.
bool could_matter(const std::uint8_t* p) noexcept {
  const std::uint32_t word = load_be32(p) | 0x20202020;
  return word == letters("host") || word == letters("cont") || word == letters("tran") || word == letters("upgr") ||
         is_blank(p[0]) || is_line_end(p[0]);
}

}  // namespace

// The first byte of a line. A soft start is one behind a bare CR: a line to some, the same line to others, so no blank
// line can end the head there.
HttpMachine::Step HttpMachine::read_line_start(Run& run) noexcept {
  while (in_head_ && !resync_ && state_ == State::line_start && run.end - run.at >= kDeciding &&
         !could_matter(run.at)) {
    const std::uint8_t* stop = find_line_end(run.at, run.end);
    field_ = Field::other;
    if (run.end - stop < 2 || stop[0] != kCr || stop[1] != kLf) {
      run.at = stop;
      state_ = State::skip_line;
      return Step::more;
    }
    run.at = stop + 2;
  }
  if (run.done()) return Step::more;
  const bool soft = state_ == State::soft_start;
  const std::uint8_t c = *run.at;
  if (c == kLf && !soft) {
    ++run.at;
    return blank_line(run);
  }
  if (c == kCr) {
    ++run.at;
    state_ = soft ? State::after_cr : State::blank_cr;
    return Step::more;
  }
  begin_token();
  const bool indented = is_blank(c);
  odd_line_ = indented || soft;
  state_ = indented ? State::indent : State::token;
  if (!indented) {
    field_ = Field::other;
  } else if (field_ == Field::host && in_head_) {  // RFC 9112 §5.2, line folding: each line may be the name
    state_ = State::host_value;
  } else if (field_ == Field::length || field_ == Field::coding) {
    ambiguous_ = true;
    state_ = State::skip_line;
  }
  return Step::more;
}

// Blanks before what is a folded value to some and a field to others.
HttpMachine::Step HttpMachine::read_indent(Run& run) noexcept {
  while (!run.done() && is_blank(*run.at)) ++run.at;
  if (run.done()) return Step::more;
  state_ = is_line_end(*run.at) ? State::skip_line : State::token;
  return Step::more;
}

// A field name and its colon were read. `odd`: with blanks before one of them, which servers read differently.
HttpMachine::Step HttpMachine::read_field_name(Run& run, bool odd) noexcept {
  if (!in_head_ && !resync_) {
    if (!committed_) return Step::not_http;
    enter_resync(run, State::skip_line);
  }
  field_ = Field::other;
  state_ = State::skip_line;
  if (token_is("host", 4)) {
    if (!in_head_) begin_head(run);
    field_ = Field::host;
    name_.start();
    state_ = State::host_value;
  } else if (!in_head_) {
    return Step::more;
  } else if (token_is("content-length", 14) || token_is("transfer-encoding", 17)) {
    field_ = token_length_ == 14 ? Field::length : Field::coding;
    matched_ = 0;
    body_left_ = 0;
    if (odd) {
      ambiguous_ = true;
    } else {
      state_ = field_ == Field::length ? State::length_value : State::coding_value;
    }
  } else if (token_is("upgrade", 7)) {
    field_ = Field::upgrade;
    upgrade_ = true;
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::read_host_value(Run& run) noexcept {
  while (!run.done()) {
    const auto ends_name = [](std::uint8_t c) { return c <= ',' && (c <= ' ' || c == ','); };
    const std::uint8_t* stop = std::find_if(run.at, run.end, ends_name);
    name_.push(ByteView{run.at, stop}, run.text);
    run.at = stop;
    if (run.done()) return Step::more;
    if (!name_.empty()) told_ = false;
    name_.finish(run.text);
    if (is_line_end(*stop)) return end_line(run);
    ++run.at;
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::read_length_value(Run& run) noexcept {
  constexpr std::uint8_t kBefore = 0, kDigits = 1, kBehind = 2;
  constexpr std::uint64_t kMost = 1'000'000'000'000'000'000;
  for (; !run.done(); ++run.at) {
    const std::uint8_t c = *run.at;
    if (is_digit(c) && matched_ != kBehind && body_left_ < kMost / 10) {
      matched_ = kDigits;
      body_left_ = body_left_ * 10 + (c - '0');
    } else if (is_blank(c)) {
      if (matched_ == kDigits) matched_ = kBehind;
    } else if (is_line_end(c)) {
      if (matched_ == kBefore || (has_length_ && content_length_ != body_left_)) ambiguous_ = true;
      has_length_ = true;
      content_length_ = body_left_;
      return end_line(run);
    } else {
      ambiguous_ = true;
      state_ = State::skip_line;
      return Step::more;
    }
  }
  return Step::more;
}

// "chunked" alone and once; every other coding hides where the body ends from somebody.
HttpMachine::Step HttpMachine::read_coding_value(Run& run) noexcept {
  static constexpr char kChunked[] = "chunked";
  constexpr std::uint8_t kWhole = sizeof kChunked - 1, kBehind = kWhole + 1;
  for (; !run.done(); ++run.at) {
    const std::uint8_t c = *run.at;
    if (matched_ < kWhole && lower(c) == kChunked[matched_]) {
      ++matched_;
    } else if (is_blank(c) && (matched_ == 0 || matched_ >= kWhole)) {
      if (matched_ == kWhole) matched_ = kBehind;
    } else if (is_line_end(c)) {
      if (matched_ < kWhole || chunked_) ambiguous_ = true;
      chunked_ = true;
      return end_line(run);
    } else {
      chunked_ = ambiguous_ = true;
      state_ = State::skip_line;
      return Step::more;
    }
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::skip_line(Run& run) noexcept {
  run.at = find_line_end(run.at, run.end);
  return run.done() ? Step::more : end_line(run);
}

// At a CR or LF behind a line's content.
HttpMachine::Step HttpMachine::end_line(Run& run) noexcept {
  state_ = *run.at == kLf ? State::line_start : State::after_cr;
  ++run.at;
  return Step::more;
}

HttpMachine::Step HttpMachine::read_after_cr(Run& run) noexcept {
  if (*run.at == kLf) {
    ++run.at;
    state_ = State::line_start;
    return Step::more;
  }
  if (field_ == Field::length || field_ == Field::coding) ambiguous_ = true;
  state_ = State::soft_start;
  return Step::more;
}

HttpMachine::Step HttpMachine::read_blank_cr(Run& run) noexcept {
  if (*run.at == kLf) {
    ++run.at;
    return blank_line(run);
  }
  state_ = State::soft_start;
  return Step::more;
}

HttpMachine::Step HttpMachine::blank_line(Run& run) noexcept {
  if (in_head_) return end_head(run);
  field_ = Field::other;
  state_ = State::line_start;
  return Step::more;
}

// What follows the head.  RFC 9112 §6.3
HttpMachine::Step HttpMachine::end_head(Run& run) noexcept {
  in_head_ = false;
  field_ = Field::other;
  if (connect_ || upgrade_) maybe_upgraded_ = true;
  if (told_) {
    enter_resync(run, State::line_start);
    return Step::more;
  }
  const bool framed = chunked_ || (has_length_ && content_length_ > 0);
  if (resync_ || ambiguous_ || (chunked_ && has_length_) || (connect_ && framed)) {
    enter_resync(run, State::line_start);
    return Step::request;
  }
  if (chunked_) {
    begin_chunk(run);
  } else if (framed) {
    body_left_ = content_length_;
    state_ = State::body;
  } else {
    begin_message(run);
  }
  return connect_ ? Step::tunnel : Step::request;
}

}  // namespace parapet::packet
