// SPDX-License-Identifier: Apache-2.0
// Start lines: any token as method, a target of any form, any version or none.  RFC 9112 §3.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "packet/extract/http_machine.h"
#include "packet/extract/scan.h"
#include "packet/extract/target_text.h"

namespace parapet::packet {

// Blank lines and blanks before a start line. On a stream that is HTTP they may go on for ever.
HttpMachine::Step HttpMachine::read_message_start(Run& run) noexcept {
  while (!run.done() && (is_line_end(*run.at) || is_line_blank(*run.at))) ++run.at;
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
    return read_field_name(run, odd_line_);
  }
  const bool bare_cr = *run.at == kCr && !in_head_ && !resync_;
  if (!is_line_blank(*run.at) && !bare_cr) return not_a_line_of_ours(run);
  ++run.at;
  state_ = State::after_token;
  return Step::more;
}

HttpMachine::Step HttpMachine::read_after_token(Run& run) noexcept {
  while (!run.done() && is_line_blank(*run.at)) ++run.at;
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
    begin_target(run.text);
    state_ = State::target;
    return Step::more;
  }
  if (token_is("connect", 7) && c > ' ') {
    if (ends_open_head()) return Step::request;
    begin_head(run);
    connect_ = true;
    run.text.target_form = TargetForm::authority;
    name_.start();
    state_ = State::authority;
    return Step::more;
  }
  if (c <= ' ' || (in_head_ && !is_alpha(c))) return not_a_line_of_ours(run);
  if (!in_head_) {
    run.text.clear();
    begin_target(run.text);
  }
  state_ = is_alpha(c) ? State::scheme : State::odd_target;
  return Step::more;
}

// "scheme://". Much that is no HTTP begins with two words, so it is no head yet.
HttpMachine::Step HttpMachine::read_scheme(Run& run) noexcept {
  if (state_ == State::scheme) {
    const auto in_scheme = [](std::uint8_t c) {
      return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    const std::uint8_t* const begin = run.at;
    run.at = std::find_if_not(run.at, run.end, in_scheme);
    if (!in_head_) push_target({begin, run.at}, run.text);
    if (run.done()) return Step::more;
    if (*run.at != ':') return leave_scheme(run);
    state_ = State::scheme_slash;
  } else if (*run.at != '/') {
    return leave_scheme(run);
  } else if (state_ == State::scheme_slash) {
    state_ = State::scheme_second_slash;
  } else {
    return enter_authority(run);
  }
  if (!in_head_) push_target({run.at, 1}, run.text);
  ++run.at;
  return Step::more;
}

HttpMachine::Step HttpMachine::enter_authority(Run& run) noexcept {
  if (ends_open_head()) return Step::request;
  ++run.at;
  begin_head(run);
  absolute_ = true;
  run.text.target_form = TargetForm::absolute;
  name_.start();
  state_ = State::authority;
  return Step::more;
}

HttpMachine::Step HttpMachine::leave_scheme(Run& run) noexcept {
  if (in_head_) return not_a_line_of_ours(run);
  state_ = State::odd_target;
  return Step::more;
}

// Neither a path nor a URL. Some servers take it for one, if a version of HTTP stands behind it.
HttpMachine::Step HttpMachine::read_odd_target(Run& run) noexcept {
  const std::uint8_t* const stop = find_space_or_control(run.at, run.end);
  push_target({run.at, stop}, run.text);
  run.at = stop;
  if (run.done()) return Step::more;
  if (!is_line_blank(*stop)) return not_a_line_of_ours(run);
  matched_ = 0;
  state_ = State::odd_version;
  return Step::more;
}

HttpMachine::Step HttpMachine::read_odd_version(Run& run) noexcept {
  static constexpr std::string_view kHttp = "http/";
  while (matched_ == 0 && !run.done() && is_line_blank(*run.at)) ++run.at;
  while (!run.done() && lower(*run.at) == static_cast<std::uint8_t>(kHttp[matched_])) {
    ++run.at;
    if (++matched_ < kHttp.size()) continue;
    begin_fields(run);
    state_ = State::skip_line;
    return Step::more;
  }
  return run.done() ? Step::more : not_a_line_of_ours(run);
}

// In a resync a start line may stand among the fields of another head. That head is judged as far as it came, before a
// byte of the new one is taken.
bool HttpMachine::ends_open_head() noexcept {
  if (!in_head_) return false;
  in_head_ = false;
  return !told_;
}

void HttpMachine::begin_head(Run& run) noexcept {
  run.text.clear();
  begin_fields(run);
}

// The start line of a head was seen; what stands in the text is of it.
void HttpMachine::begin_fields(Run& run) noexcept {
  if (resync_) {
    renew(run, run.head_limit);
  } else {
    if (!committed_) budget_left_ += run.head_limit - kMaxUndecided;
    maybe_upgraded_ = false;
  }
  committed_ = in_head_ = true;
  connect_ = absolute_ = upgrade_ = has_length_ = chunked_ = ambiguous_ = told_ = false;
  field_ = Field::other;
}

// user@host:port up to the path; a user is no part of the name.  RFC 3986 §3.2
HttpMachine::Step HttpMachine::read_authority(Run& run) noexcept {
  for (; !run.done(); ++run.at) {
    const std::uint8_t c = *run.at;
    const bool path = absolute_ && (c == '/' || c == '?' || c == '#' || c == '\\');
    if (path || is_blank(c) || is_line_end(c)) {
      name_.finish(run.text);
      run.text.target_names = run.text.name_count;
      state_ = absolute_ ? State::target : State::after_target;
      if (absolute_) begin_target(run.text);
      if (absolute_ && c != '/') push_target(bytes_of("/"), run.text);
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
    push_target({run.at, stop}, run.text);
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

// A line without a version is a whole request to HTTP/0.9, so it is given out; a lenient server may read fields behind
// it all the same, so its head stays open.
HttpMachine::Step HttpMachine::finish_versionless(Run& run) noexcept {
  ++run.at;
  run.text.versionless = true;
  if (connect_) {
    maybe_upgraded_ = true;
    const bool tunnel = !resync_;
    enter_resync(run, State::line_start);
    return tunnel ? Step::tunnel : Step::request;
  }
  resync_ = told_ = true;
  state_ = State::line_start;
  return Step::request;
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
