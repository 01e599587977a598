// SPDX-License-Identifier: Apache-2.0
// Start lines: any token as method, a target of any form, any version or none.  RFC 9112 §3.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "packet/extract/http_machine.h"
#include "packet/extract/scan.h"

namespace parapet::packet {

// Blank lines and blanks before a start line. On a stream that is HTTP they may go on for ever.
HttpMachine::Step HttpMachine::read_message_start(Run& run) noexcept {
  while (!run.done() && (is_line_end(*run.at) || is_blank(*run.at))) ++run.at;
  if (committed_) renew(run, run.head_limit);
  if (run.done()) return Step::more;
  begin_token();
  state_ = State::token;
  return Step::more;
}

void HttpMachine::push_token(std::uint8_t c) noexcept {
  if (token_length_ < token_.size()) token_[token_length_] = lower(c);
  if (token_length_ < 0xffff) ++token_length_;
}

bool HttpMachine::token_is(const char* name, std::size_t length) const noexcept {
  return token_length_ == length && std::memcmp(token_.data(), name, length) == 0;
}

// A method or a field name.
HttpMachine::Step HttpMachine::read_token(Run& run) noexcept {
  while (!run.done() && is_token(*run.at)) push_token(*run.at++);
  if (run.done()) return Step::more;
  if (token_length_ == 0) return not_a_line_of_ours(run);
  if (*run.at == ':') {
    ++run.at;
    return read_field_name(run, indented_);
  }
  if (!is_blank(*run.at)) return not_a_line_of_ours(run);
  ++run.at;
  state_ = State::after_token;
  return Step::more;
}

HttpMachine::Step HttpMachine::read_after_token(Run& run) noexcept {
  while (!run.done() && is_blank(*run.at)) ++run.at;
  if (run.done()) return Step::more;
  const std::uint8_t c = *run.at;
  if (c == ':') {
    ++run.at;
    return read_field_name(run, true);
  }
  if (in_head_ && !resync_) return not_a_line_of_ours(run);
  if (c == '/' || c == '*') {
    if (ends_open_head()) return Step::request;
    begin_head(run);
    state_ = State::target;
    return Step::more;
  }
  if (token_is("connect", 7) && c > ' ') {
    if (ends_open_head()) return Step::request;
    begin_head(run);
    connect_ = true;
    name_.start();
    state_ = State::authority;
    return Step::more;
  }
  if (!is_alpha(c)) return not_a_line_of_ours(run);
  state_ = State::scheme;
  return Step::more;
}

// "scheme://"; nothing is stored before it is whole, for much that is no HTTP begins with two words.
HttpMachine::Step HttpMachine::read_scheme(Run& run) noexcept {
  if (state_ == State::scheme) {
    while (!run.done() &&
           (is_alpha(*run.at) || is_digit(*run.at) || *run.at == '+' || *run.at == '-' || *run.at == '.')) {
      ++run.at;
    }
    if (run.done()) return Step::more;
    if (*run.at != ':') return not_a_line_of_ours(run);
    ++run.at;
    state_ = State::scheme_slash;
    return Step::more;
  }
  if (*run.at != '/') return not_a_line_of_ours(run);
  if (state_ == State::scheme_slash) {
    ++run.at;
    state_ = State::scheme_second_slash;
    return Step::more;
  }
  if (ends_open_head()) return Step::request;
  ++run.at;
  begin_head(run);
  absolute_ = true;
  name_.start();
  state_ = State::authority;
  return Step::more;
}

// In a resync a start line may stand among the fields of another head. That head is judged as far as it came, before a
// byte of the new one is taken.
bool HttpMachine::ends_open_head() noexcept {
  if (!in_head_) return false;
  in_head_ = false;
  return true;
}

void HttpMachine::begin_head(Run& run) noexcept {
  if (resync_) {
    renew(run, run.head_limit);
  } else {
    if (!committed_) budget_left_ += run.head_limit - kMaxUndecided;
    maybe_upgraded_ = false;
  }
  committed_ = in_head_ = true;
  connect_ = absolute_ = upgrade_ = has_length_ = chunked_ = ambiguous_ = false;
  field_ = Field::other;
  run.text.clear();
}

// user@host:port up to the path; a user is no part of the name.  RFC 3986 §3.2
HttpMachine::Step HttpMachine::read_authority(Run& run) noexcept {
  for (; !run.done(); ++run.at) {
    const std::uint8_t c = *run.at;
    const bool path = absolute_ && (c == '/' || c == '?' || c == '#' || c == '\\');
    if (path || is_blank(c) || is_line_end(c)) {
      name_.finish(run.text);
      state_ = absolute_ ? State::target : State::after_target;
      if (absolute_ && c != '/') run.text.target[run.text.target_length++] = '/';
      return Step::more;
    }
    if (c == '@') {
      name_.start();
    } else {
      name_.push(c, run.text);
    }
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::read_target(Run& run) noexcept {
  while (!run.done()) {
    const std::uint8_t* stop = find_space_or_control(run.at, run.end);
    if (stop != run.end && !is_blank(*stop) && !is_line_end(*stop)) ++stop;  // another control: part of the target
    RequestText& text = run.text;
    const std::size_t length = static_cast<std::size_t>(stop - run.at);
    const std::size_t kept = std::min(length, kMaxTargetLength - text.target_length);
    if (kept > 0) std::memcpy(text.target.data() + text.target_length, run.at, kept);
    text.target_length = static_cast<std::uint16_t>(text.target_length + kept);
    if (kept < length) text.target_cut = true;
    run.at = stop;
    if (!run.done() && (is_blank(*stop) || is_line_end(*stop))) {
      state_ = State::after_target;
      return Step::more;
    }
  }
  return Step::more;
}

HttpMachine::Step HttpMachine::read_after_target(Run& run) noexcept {
  if (state_ == State::after_target_cr) {
    if (*run.at == kLf) return finish_versionless(run);
    state_ = State::soft_start;  // a bare CR: whoever takes it for a line end reads fields from here
    return Step::more;
  }
  while (!run.done() && is_blank(*run.at)) ++run.at;
  if (run.done()) return Step::more;
  if (*run.at == kLf) return finish_versionless(run);
  if (*run.at == kCr) {
    ++run.at;
    state_ = State::after_target_cr;
    return Step::more;
  }
  if (!resync_ && token_is("pri", 3) && text_of(run.text.target_view()) == "*") {
    matched_ = 0;
    state_ = State::preface;
  } else {
    state_ = State::skip_line;
  }
  return Step::more;
}

// What follows "PRI * " in the preface of HTTP/2 (RFC 9113 §3.4), where a message may begin: at the start, behind a
// request that asked for h2c, inside a tunnel. Whatever departs from it is read on as HTTP/1.
HttpMachine::Step HttpMachine::read_preface(Run& run) noexcept {
  constexpr std::string_view kRest = "HTTP/2.0\r\n\r\nSM\r\n\r\n";
  constexpr std::size_t kLine = kRest.find('\r'), kHead = kRest.find('S');
  while (!run.done() && *run.at == static_cast<std::uint8_t>(kRest[matched_])) {
    ++run.at;
    if (++matched_ == kRest.size()) return Step::http2;
  }
  if (run.done()) return Step::more;
  if (matched_ >= kHead) {
    enter_resync(run, State::skip_line);
  } else {
    constexpr State kBehindLine[] = {State::skip_line, State::after_cr, State::line_start, State::blank_cr};
    state_ = matched_ < kLine ? State::skip_line : kBehindLine[matched_ - kLine];
  }
  return Step::more;
}

// A line without a version is a whole request to HTTP/0.9; a lenient server may read fields behind it all the same.
HttpMachine::Step HttpMachine::finish_versionless(Run& run) noexcept {
  ++run.at;
  const bool tunnel = connect_ && !resync_;
  first_message_ = false;
  if (connect_) maybe_upgraded_ = true;
  enter_resync(run, State::line_start);
  return tunnel ? Step::tunnel : Step::request;
}

// The line at hand is neither a start line nor a field that matters here. Nothing is consumed.
HttpMachine::Step HttpMachine::not_a_line_of_ours(Run& run) noexcept {
  if (!committed_) return Step::not_http;
  field_ = Field::other;
  if (in_head_ || resync_) {
    state_ = State::skip_line;
  } else {
    enter_resync(run, State::skip_line);
  }
  return Step::more;
}

}  // namespace parapet::packet
