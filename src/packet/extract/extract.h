// SPDX-License-Identifier: Apache-2.0
// From the bytes of one client to the requests in them: HTTP/1.x, HTTP/2 in cleartext, TLS and DNS over a stream, DNS
// in a datagram.
//
// A StreamParser is a small machine that can stop and go on at every byte. What it has to remember as text (names, the
// HTTP target) stands in a RequestText, which the caller keeps only as long as a message is unfinished.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/bytes.h"
#include "counters/names.h"
#include "packet/extract/dns_machine.h"
#include "packet/extract/dns_questions.h"
#include "packet/extract/extract_context.h"
#include "packet/extract/http2_machine.h"
#include "packet/extract/http_machine.h"
#include "packet/extract/request_text.h"
#include "packet/extract/tls_machine.h"

namespace parapet::packet {

enum class ExtractOutcome : std::uint8_t {
  need_more,  // everything consumed; a message is unfinished, or its body goes on
  request,    // the last consumed byte completed a request: judge it, then feed the rest
  idle,       // everything consumed and no message is unfinished (HTTP between two requests, TLS between two messages)
  opaque,     // this stream asks nothing readable (any more); nothing further needs feeding
  uninspected,  // a bound was reached: give up, count `reason`
};

struct Extracted {
  ExtractOutcome outcome;
  std::size_t consumed;      // bytes of the input that were read, <= its size
  UninspectedReason reason;  // outcome uninspected only
};

// Whether a stream could begin a request with these bytes: a TLS handshake record (or a warning alert before one), an
// HTTP method and target, or a DNS query behind its length. True where too few bytes are there to say no.
//   cost  a few bytes;  any thread
bool could_begin_request(ByteView payload) noexcept;

// The same for traffic whose beginning was not seen, where a few bytes of anything could be a length and an ID, or a
// word and a blank: a query is one only where its first count begins to show, an odd start line only where its version
// is.
bool could_begin_unseen_request(ByteView payload) noexcept;

// HTTP/1.x, HTTP/2, TLS and DNS from a client's first byte on.  RFC 9112, RFC 9113, RFC 8446 §4.1.2 and §5.1, RFC 6066
// §3, RFC 7766.
//   state     at most 128 bytes, trivially copyable: copy it to try a segment and keep the old one to go back. Not so
//             once it reads HTTP/2: then it owns a decoder in the context's pool, and only the last copy may go on
//   cost      one pass, no allocation
//   thread    any, one owner
class StreamParser {
 public:
  StreamParser() = default;
  // to_dns_port: what is neither HTTP nor TLS is DNS.
  explicit StreamParser(bool to_dns_port) noexcept : to_dns_port_(to_dns_port) {}
  bool to_dns_port() const noexcept { return to_dns_port_; }

  // Reads on. The bytes must follow those of the call before. `text` is the same object until outcome request, idle,
  // opaque or uninspected (then its content is the caller's to use, and to wipe unless keeps_text(); the parser clears
  // it when a new message begins). After opaque or uninspected every further feed is opaque. `context` says the same in
  // every call.
  Extracted feed(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept;

  // Gives back what the parser holds in the context's pool. Once, before the parser goes or is made anew; it may follow
  // an outcome that gave it back already.
  void release(const ExtractContext& context) noexcept;

  Protocol protocol() const noexcept { return protocol_; }  // http, tls or dns, once outcome request came
  bool decided() const noexcept;                            // whether the protocol is known
  bool ech_present() const noexcept;                        // TLS: of the last complete hello
  // Whether the text must be kept for the next feed: a message is unfinished. So it may be behind a request, too: a
  // line of HTTP without a version is one, and may yet have fields.
  bool keeps_text() const noexcept;

  // How many of the next bytes are body, whatever they hold: they need not be kept or be in order.
  std::uint64_t body_bytes_ahead() const noexcept;

 private:
  enum class Stage : std::uint8_t { detect, http, tls, http2, dns, done };

  Extracted feed_beside_dns(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept;
  Extracted feed_machine(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept;
  Extracted feed_http(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept;
  Extracted feed_http2(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept;
  Extracted feed_tls(ByteView bytes, RequestText& text, const ExtractContext& context) noexcept;
  Extracted feed_dns(ByteView bytes, RequestText& text) noexcept;
  Extracted request(Protocol protocol, std::size_t consumed) noexcept;
  Extracted finish(ExtractOutcome outcome, std::size_t consumed, UninspectedReason reason = {}) noexcept;

  std::variant<HttpMachine, TlsMachine, Http2Machine> machine_;  // as the stage says
  DnsMachine dns_;
  Stage stage_ = Stage::detect;
  bool to_dns_port_ = false;
  bool tunnel_ = false;      // detecting again behind a CONNECT
  bool may_be_dns_ = false;  // http, tls: the first bytes do not rule it out
  Protocol protocol_ = Protocol::http;
  ExtractOutcome ended_as_ = ExtractOutcome::opaque;  // dns: what the stream is if it is no DNS
  UninspectedReason ended_for_{};
};

}  // namespace parapet::packet
