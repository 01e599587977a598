// SPDX-License-Identifier: Apache-2.0
// From the bytes of one client to the requests in them: HTTP/1.x and TLS over a stream, DNS in a datagram.
//
// A StreamParser is a small machine that can stop and go on at every byte. What it has to remember as text (names, the
// HTTP target) stands in a RequestText, which the caller keeps only as long as a message is unfinished.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "counters/names.h"
#include "packet/extract/dns_questions.h"
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

// Whether a stream could begin a request with these bytes: a TLS handshake record (or a warning alert before one), or
// an HTTP method and target. True where too few bytes are there to say no.  cost: a few bytes;  any thread
bool could_begin_request(ByteView payload) noexcept;

// HTTP/1.x and TLS from a client's first byte on.  RFC 9112, RFC 8446 §4.1.2 and §5.1, RFC 6066 §3.
//   state     at most 128 bytes, trivially copyable: copy it to try a segment and keep the old one to go back
//   cost      one pass, no allocation
//   thread    any, one owner
class StreamParser {
 public:
  // Reads on. The bytes must follow those of the call before. `text` is the same object until outcome request, idle,
  // opaque or uninspected (then its content is the caller's to use and wipe; the parser clears it when a new message
  // begins). After opaque or uninspected every further feed is opaque.
  Extracted feed(ByteView bytes, RequestText& text) noexcept;

  Protocol protocol() const noexcept { return protocol_; }          // http or tls, once outcome request came
  bool decided() const noexcept;                                    // whether the protocol is known
  bool ech_present() const noexcept { return tls_.ech_present(); }  // TLS: of the last complete hello
  bool keeps_text() const noexcept;  // an unfinished message whose text must be kept for the next feed

  // How many of the next bytes are body, whatever they hold: they need not be kept or be in order.
  std::uint64_t body_bytes_ahead() const noexcept;

 private:
  enum class Stage : std::uint8_t { detect, http, tls, done };

  Extracted finish(ExtractOutcome outcome, std::size_t consumed, UninspectedReason reason) noexcept;

  HttpMachine http_;
  TlsMachine tls_;
  Stage stage_ = Stage::detect;
  bool tunnel_ = false;  // detecting again behind a CONNECT
  Protocol protocol_ = Protocol::http;
};

}  // namespace parapet::packet
