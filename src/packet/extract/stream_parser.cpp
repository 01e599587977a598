// SPDX-License-Identifier: Apache-2.0
// Chooses the machine by a stream's first bytes, and again behind a CONNECT. The first byte tells TLS from HTTP;
// whether it is DNS after all is known at the fourteenth, so until then two machines read side by side.
#include <algorithm>
#include <type_traits>

#include "packet/extract/extract.h"

namespace parapet::packet {

static_assert(std::is_trivially_copyable_v<StreamParser> && sizeof(StreamParser) <= 128);
static_assert(std::is_trivially_copyable_v<RequestText>);

Extracted StreamParser::feed(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept {
  std::size_t at = 0;
  for (;;) {
    const ByteView left = bytes.subspan(at);
    if (stage_ == Stage::detect && !left.empty()) {
      const bool is_tls = TlsMachine::could_begin(left[0]);
      if (is_tls) machine_.emplace<TlsMachine>();
      stage_ = is_tls ? Stage::tls : Stage::http;
      dns_ = {};
      may_be_dns_ = true;
    }
    Extracted made = may_be_dns_ ? feed_beside_dns(left, text, context) : feed_machine(left, text, context);
    made.consumed = at += made.consumed;
    const bool goes_on = made.outcome == ExtractOutcome::need_more || made.outcome == ExtractOutcome::idle;
    if (!goes_on || at == bytes.size()) return made;
  }
}

// At most as many bytes as are wanted to know.
Extracted StreamParser::feed_beside_dns(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept {
  const ByteView lead = bytes.first(std::min(bytes.size(), dns_.lead_left()));
  Extracted made = feed_machine(lead, text, context);
  if (stage_ == Stage::detect) return made;
  if (stage_ == Stage::done) {
    stage_ = Stage::dns;
    may_be_dns_ = false;
    ended_as_ = made.outcome;
    ended_for_ = made.reason;
    if (to_dns_port_) dns_.expect();
    const std::size_t other = made.consumed;
    made = feed_dns(bytes, text);
    if (stage_ == Stage::done) made.consumed = std::max(made.consumed, other);
    return made;
  }
  if (dns_.feed(lead.first(made.consumed), text).step == DnsMachine::Step::not_dns) {
    may_be_dns_ = false;
  } else if (dns_.committed()) {
    may_be_dns_ = false;
    stage_ = Stage::dns;
  }
  return made;
}

Extracted StreamParser::feed_machine(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept {
  switch (stage_) {
    case Stage::http: return feed_http(bytes, text, context);
    case Stage::tls: return feed_tls(bytes, text, context);
    case Stage::http2: return feed_http2(bytes, text, context);
    case Stage::dns: return feed_dns(bytes, text);
    case Stage::detect: return {tunnel_ ? ExtractOutcome::idle : ExtractOutcome::need_more, 0, {}};
    case Stage::done: break;
  }
  return {ExtractOutcome::opaque, bytes.size(), {}};
}

Extracted StreamParser::feed_http(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept {
  HttpMachine& http = *std::get_if<HttpMachine>(&machine_);
  const auto [step, consumed] = http.feed(bytes, text, context.limits.http_head_bytes);
  switch (step) {
    case HttpMachine::Step::more: break;
    case HttpMachine::Step::tunnel:
      stage_ = Stage::detect;
      tunnel_ = true;
      [[fallthrough]];
    case HttpMachine::Step::request: return request(Protocol::http, consumed);
    case HttpMachine::Step::http2:
      machine_.emplace<Http2Machine>();
      stage_ = Stage::http2;
      return {ExtractOutcome::idle, consumed, {}};
    case HttpMachine::Step::not_http: return finish(ExtractOutcome::opaque, consumed);
    case HttpMachine::Step::header_cap:
      return finish(ExtractOutcome::uninspected, consumed, UninspectedReason::header_cap);
    case HttpMachine::Step::framing: return finish(ExtractOutcome::uninspected, consumed, UninspectedReason::framing);
    case HttpMachine::Step::upgraded: return finish(ExtractOutcome::uninspected, consumed, UninspectedReason::upgraded);
  }
  return {http.idle() ? ExtractOutcome::idle : ExtractOutcome::need_more, consumed, {}};
}

Extracted StreamParser::feed_http2(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept {
  Http2Machine& http2 = *std::get_if<Http2Machine>(&machine_);
  const auto [step, consumed] = http2.feed(bytes, text, context.hpack);
  if (step == Http2Machine::Step::request) return request(Protocol::http, consumed);
  if (step != Http2Machine::Step::more) {
    release(context);
    const bool cap = step == Http2Machine::Step::cap;
    return finish(ExtractOutcome::uninspected, consumed,
                  cap ? UninspectedReason::http2_cap : UninspectedReason::http2_pool);
  }
  return {http2.idle() ? ExtractOutcome::idle : ExtractOutcome::need_more, consumed, {}};
}

Extracted StreamParser::feed_tls(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept {
  TlsMachine& tls = *std::get_if<TlsMachine>(&machine_);
  const auto [step, consumed] = tls.feed(bytes, text, context.limits.hello_bytes);
  switch (step) {
    case TlsMachine::Step::more: break;
    case TlsMachine::Step::request: return request(Protocol::tls, consumed);
    case TlsMachine::Step::opaque:
      if (tunnel_ && !tls.committed()) {
        return finish(ExtractOutcome::uninspected, consumed, UninspectedReason::upgraded);
      }
      return finish(ExtractOutcome::opaque, consumed);
    case TlsMachine::Step::hello_cap:
      return finish(ExtractOutcome::uninspected, consumed, UninspectedReason::hello_cap);
  }
  return {tls.idle() ? ExtractOutcome::idle : ExtractOutcome::need_more, consumed, {}};
}

Extracted StreamParser::feed_dns(ByteView bytes, RequestText& text) noexcept {
  const auto [step, consumed] = dns_.feed(bytes, text);
  if (step == DnsMachine::Step::request) return request(Protocol::dns, consumed);
  if (step == DnsMachine::Step::not_dns) return finish(ended_as_, consumed, ended_for_);
  return {dns_.idle() ? ExtractOutcome::idle : ExtractOutcome::need_more, consumed, {}};
}

Extracted StreamParser::request(Protocol protocol, std::size_t consumed) noexcept {
  protocol_ = protocol;
  return {ExtractOutcome::request, consumed, {}};
}

Extracted StreamParser::finish(ExtractOutcome outcome, std::size_t consumed, UninspectedReason reason) noexcept {
  stage_ = Stage::done;
  return {outcome, consumed, reason};
}

void StreamParser::release(const ExtractContext& context) noexcept {
  if (Http2Machine* http2 = std::get_if<Http2Machine>(&machine_)) http2->release(context.hpack);
}

bool StreamParser::decided() const noexcept {
  switch (stage_) {
    case Stage::http: return std::get_if<HttpMachine>(&machine_)->committed();
    case Stage::tls: return std::get_if<TlsMachine>(&machine_)->committed();
    case Stage::http2: return true;
    case Stage::dns: return dns_.committed();
    case Stage::detect:
    case Stage::done: break;
  }
  return false;
}

bool StreamParser::ech_present() const noexcept {
  const TlsMachine* tls = std::get_if<TlsMachine>(&machine_);
  return tls != nullptr && tls->ech_present();
}

bool StreamParser::keeps_text() const noexcept {
  switch (stage_) {
    case Stage::http: return std::get_if<HttpMachine>(&machine_)->keeps_text();
    case Stage::tls: return std::get_if<TlsMachine>(&machine_)->keeps_text();
    case Stage::http2: return std::get_if<Http2Machine>(&machine_)->keeps_text();
    case Stage::dns: return dns_.keeps_text();
    case Stage::detect:
    case Stage::done: break;
  }
  return false;
}

std::uint64_t StreamParser::body_bytes_ahead() const noexcept {
  switch (stage_) {
    case Stage::http: return std::get_if<HttpMachine>(&machine_)->body_bytes_ahead();
    case Stage::tls: return std::get_if<TlsMachine>(&machine_)->body_bytes_ahead();
    case Stage::http2: return std::get_if<Http2Machine>(&machine_)->body_bytes_ahead();
    case Stage::dns: return dns_.body_bytes_ahead();
    case Stage::detect:
    case Stage::done: break;
  }
  return 0;
}

}  // namespace parapet::packet
