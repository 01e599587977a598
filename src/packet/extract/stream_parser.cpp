// SPDX-License-Identifier: Apache-2.0
// Chooses the machine by a stream's first byte, and again behind a CONNECT.
#include <type_traits>

#include "packet/extract/extract.h"

namespace parapet::packet {

static_assert(std::is_trivially_copyable_v<StreamParser> && sizeof(StreamParser) <= 128);
static_assert(std::is_trivially_copyable_v<RequestText>);

Extracted StreamParser::feed(ByteView bytes, RequestText& text) noexcept {
  std::size_t at = 0;
  if (stage_ == Stage::detect && !bytes.empty()) {
    stage_ = TlsMachine::could_begin(bytes[0]) ? Stage::tls : Stage::http;
  }
  if (stage_ == Stage::http) {
    const HttpMachine::Progress made = http_.feed(bytes, text);
    at = made.consumed;
    switch (made.step) {
      case HttpMachine::Step::more: break;
      case HttpMachine::Step::tunnel:
        stage_ = Stage::detect;
        tunnel_ = true;
        [[fallthrough]];
      case HttpMachine::Step::request: protocol_ = Protocol::http; return {ExtractOutcome::request, at, {}};
      case HttpMachine::Step::not_http: return finish(ExtractOutcome::opaque, at, {});
      case HttpMachine::Step::header_cap: return finish(ExtractOutcome::uninspected, at, UninspectedReason::header_cap);
      case HttpMachine::Step::framing: return finish(ExtractOutcome::uninspected, at, UninspectedReason::framing);
      case HttpMachine::Step::upgraded: return finish(ExtractOutcome::uninspected, at, UninspectedReason::upgraded);
    }
    return {http_.idle() ? ExtractOutcome::idle : ExtractOutcome::need_more, at, {}};
  }
  if (stage_ == Stage::tls) {
    const TlsMachine::Progress made = tls_.feed(bytes, text);
    at = made.consumed;
    switch (made.step) {
      case TlsMachine::Step::more: break;
      case TlsMachine::Step::request: protocol_ = Protocol::tls; return {ExtractOutcome::request, at, {}};
      case TlsMachine::Step::opaque:
        if (tunnel_ && !tls_.committed()) return finish(ExtractOutcome::uninspected, at, UninspectedReason::upgraded);
        return finish(ExtractOutcome::opaque, at, {});
      case TlsMachine::Step::hello_cap: return finish(ExtractOutcome::uninspected, at, UninspectedReason::hello_cap);
    }
    return {tls_.idle() ? ExtractOutcome::idle : ExtractOutcome::need_more, at, {}};
  }
  if (stage_ == Stage::detect) return {tunnel_ ? ExtractOutcome::idle : ExtractOutcome::need_more, 0, {}};
  return {ExtractOutcome::opaque, bytes.size(), {}};
}

Extracted StreamParser::finish(ExtractOutcome outcome, std::size_t consumed, UninspectedReason reason) noexcept {
  stage_ = Stage::done;
  return {outcome, consumed, reason};
}

bool StreamParser::decided() const noexcept {
  return (stage_ == Stage::http && http_.committed()) || (stage_ == Stage::tls && tls_.committed());
}

bool StreamParser::keeps_text() const noexcept {
  return (stage_ == Stage::http && http_.keeps_text()) || (stage_ == Stage::tls && tls_.keeps_text());
}

std::uint64_t StreamParser::body_bytes_ahead() const noexcept {
  if (stage_ == Stage::http) return http_.body_bytes_ahead();
  return stage_ == Stage::tls ? tls_.body_bytes_ahead() : 0;
}

}  // namespace parapet::packet
