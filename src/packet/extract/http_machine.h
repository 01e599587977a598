// SPDX-License-Identifier: Apache-2.0
// HTTP/1.x as a client sends it, one request after another, resumable at every byte.  RFC 9112.
//
//   start line → fields → blank line = request → body (Content-Length or chunked) → start line ...
//
// Where the end of a body cannot be known for certain (two framings at once, junk in one, a line that is no start
// line), the machine *resyncs* for the rest of the connection: bodies are no longer skipped, and after each line end it
// looks for a start line and for a Host. What a lenient server could take for a request is then read as one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/extract/request_text.h"

namespace parapet::packet {

// Bytes of a stream that may pass before it is known to be HTTP.
inline constexpr std::uint32_t kMaxUndecided = 8 * 1024;
// Bytes without a request after which a resync gives up; the short one where the stream may be no HTTP any more.
inline constexpr std::uint32_t kMaxResyncGap = 1024 * 1024, kMaxUpgradedGap = 4 * 1024;

class HttpMachine {
 public:
  enum class Step : std::uint8_t {
    more,     // everything consumed
    request,  // the last consumed byte completed a request
    tunnel,   // the same, and it was CONNECT: another protocol may follow
    not_http,
    header_cap,  // over the limit of a head
    framing,     // resync gave up
    upgraded,    // the stream became something else
    http2,       // the last consumed byte ended the preface of HTTP/2
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  //   head_limit  bytes of one head, over kMaxUndecided; the same in every call
  Progress feed(ByteView bytes, RequestText& text, std::uint32_t head_limit) noexcept;

  bool committed() const noexcept { return committed_; }  // a start line was seen
  bool idle() const noexcept {
    return committed_ && (state_ == State::message_start || (resync_ && !in_head_ && state_ == State::line_start));
  }
  bool keeps_text() const noexcept { return in_head_ || in_odd_target(); }
  std::uint64_t body_bytes_ahead() const noexcept {
    return state_ == State::body || state_ == State::chunk_data ? body_left_ : 0;
  }

 private:
  enum class State : std::uint8_t {
    message_start,
    line_start,
    soft_start,
    indent,
    token,
    after_token,  // what a line is
    scheme,
    scheme_slash,
    scheme_second_slash,
    odd_target,
    odd_version,
    authority,
    target,
    after_target,
    after_target_cr,
    preface,  // start line
    host_value,
    length_value,
    coding_value,
    skip_line,
    after_cr,
    blank_cr,  // fields
    body,
    chunk_size,
    chunk_blank,
    chunk_extension,
    chunk_cr,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer_start,
    trailer_line,
    trailer_cr,
  };
  enum class Field : std::uint8_t { other, host, length, coding, upgrade };
  // One call of feed(): where it stands, and whether a budget began anew in it.
  struct Run {
    const std::uint8_t* at;
    const std::uint8_t* end;
    RequestText& text;
    std::uint32_t head_limit;
    bool renewed = false;
    bool done() const noexcept { return at == end; }
  };

  Step step(Run& run) noexcept;
  Step over_budget() const noexcept;
  void renew(Run& run, std::uint32_t budget) noexcept {
    budget_left_ = budget;
    run.renewed = true;
  }

  // http_start_line.cpp
  Step read_message_start(Run& run) noexcept;
  Step read_token(Run& run) noexcept;
  Step read_after_token(Run& run) noexcept;
  Step read_scheme(Run& run) noexcept;
  Step leave_scheme(Run& run) noexcept;
  Step enter_authority(Run& run) noexcept;
  Step read_odd_target(Run& run) noexcept;
  Step read_odd_version(Run& run) noexcept;
  Step read_authority(Run& run) noexcept;
  Step read_target(Run& run) noexcept;
  Step read_after_target(Run& run) noexcept;
  Step read_preface(Run& run) noexcept;
  Step finish_versionless(Run& run) noexcept;
  Step not_a_line_of_ours(Run& run) noexcept;
  bool ends_open_head() noexcept;
  void begin_head(Run& run) noexcept;
  void begin_fields(Run& run) noexcept;
  // A target that is kept before it is known whether a start line is read.
  bool in_odd_target() const noexcept { return state_ >= State::scheme && state_ <= State::odd_version && !in_head_; }
  void begin_token() noexcept { token_length_ = 0; }
  void push_token(std::uint8_t c) noexcept;
  bool token_is(const char* name, std::size_t length) const noexcept;

  // http_fields.cpp
  Step read_line_start(Run& run) noexcept;
  Step read_indent(Run& run) noexcept;
  Step read_after_cr(Run& run) noexcept;
  Step read_blank_cr(Run& run) noexcept;
  Step read_field_name(Run& run, bool odd) noexcept;
  Step read_host_value(Run& run) noexcept;
  Step read_length_value(Run& run) noexcept;
  Step read_coding_value(Run& run) noexcept;
  Step skip_line(Run& run) noexcept;
  Step end_line(Run& run) noexcept;
  Step blank_line(Run& run) noexcept;
  Step end_head(Run& run) noexcept;

  // http_body.cpp
  Step read_body(Run& run) noexcept;
  Step read_chunk_line(Run& run) noexcept;
  Step read_chunk_data(Run& run) noexcept;
  Step read_trailers(Run& run) noexcept;
  void begin_chunk(Run& run) noexcept;
  void begin_message(Run& run) noexcept;
  void enter_resync(Run& run, State at) noexcept;

  std::uint64_t body_left_ = 0;  // of a body or chunk; while a chunk size or length is read: the number so far
  std::uint64_t content_length_ = 0;
  std::uint32_t budget_left_ = kMaxUndecided;
  NameWriter name_;
  std::uint16_t token_length_ = 0;        // may be more than is kept
  std::array<std::uint8_t, 18> token_{};  // lower case; as long as the longest name looked for, and one
  State state_ = State::message_start;
  Field field_ = Field::other;  // of the line before or at hand, for folded lines
  std::uint8_t matched_ = 0;  // letters of "chunked", "HTTP/" or the preface; of a length: 0 blanks, 1 digits, 2 behind
  bool committed_ : 1 = false;
  bool in_head_ : 1 = false;
  bool resync_ : 1 = false;
  bool maybe_upgraded_ : 1 = false;  // CONNECT or Upgrade was asked for
  bool odd_line_ : 1 = false;        // indented, or behind a bare CR
  bool told_ : 1 = false;            // the open head was given out already, and has no name more since
  bool connect_ : 1 = false;         // the head's method
  bool absolute_ : 1 = false;        // the target came with scheme and authority
  bool upgrade_ : 1 = false;         // the head has an Upgrade field
  bool has_length_ : 1 = false;
  bool chunked_ : 1 = false;
  bool ambiguous_ : 1 = false;  // the head's framing
};

}  // namespace parapet::packet
