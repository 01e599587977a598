// SPDX-License-Identifier: Apache-2.0
// Runs the states of the HTTP machine and keeps their budgets, so that a bound falls on the same byte however the
// stream is cut.
#include "packet/extract/http_machine.h"

#include <algorithm>

namespace parapet::packet {

HttpMachine::Progress HttpMachine::feed(ByteView bytes, RequestText& text, std::uint32_t head_limit) noexcept {
  const std::uint8_t* const begin = bytes.data();
  const std::uint8_t* const end = begin + bytes.size();
  const std::uint8_t* at = begin;
  while (at != end) {
    const bool counted = state_ != State::body && state_ != State::chunk_data;
    std::size_t length = static_cast<std::size_t>(end - at);
    if (counted) {
      if (budget_left_ == 0) return {over_budget(), static_cast<std::size_t>(at - begin)};
      length = std::min<std::size_t>(length, budget_left_);
    }
    Run run{at, at + length, text, head_limit};
    const Step step_made = step(run);
    if (counted && !run.renewed) budget_left_ -= static_cast<std::uint32_t>(run.at - at);
    at = run.at;
    if (step_made != Step::more) return {step_made, static_cast<std::size_t>(at - begin)};
  }
  return {Step::more, bytes.size()};
}

HttpMachine::Step HttpMachine::over_budget() const noexcept {
  if (!committed_) return Step::not_http;
  if (!resync_ || in_head_) return Step::header_cap;
  return maybe_upgraded_ ? Step::upgraded : Step::framing;
}

// One state, as far as it goes.
HttpMachine::Step HttpMachine::step(Run& run) noexcept {
  switch (state_) {
    case State::message_start: return read_message_start(run);
    case State::line_start:
    case State::soft_start: return read_line_start(run);
    case State::indent: return read_indent(run);
    case State::token: return read_token(run);
    case State::after_token: return read_after_token(run);
    case State::scheme:
    case State::scheme_slash:
    case State::scheme_second_slash: return read_scheme(run);
    case State::odd_target: return read_odd_target(run);
    case State::odd_version: return read_odd_version(run);
    case State::authority: return read_authority(run);
    case State::target: return read_target(run);
    case State::after_target:
    case State::after_target_cr: return read_after_target(run);
    case State::preface: return read_preface(run);
    case State::host_value: return read_host_value(run);
    case State::length_value: return read_length_value(run);
    case State::coding_value: return read_coding_value(run);
    case State::skip_line: return skip_line(run);
    case State::after_cr: return read_after_cr(run);
    case State::blank_cr: return read_blank_cr(run);
    case State::body: return read_body(run);
    case State::chunk_size:
    case State::chunk_blank:
    case State::chunk_extension:
    case State::chunk_cr: return read_chunk_line(run);
    case State::chunk_data:
    case State::chunk_data_cr:
    case State::chunk_data_lf: return read_chunk_data(run);
    case State::trailer_start:
    case State::trailer_line:
    case State::trailer_cr: return read_trailers(run);
  }
  return Step::not_http;
}

}  // namespace parapet::packet
