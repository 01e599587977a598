// SPDX-License-Identifier: Apache-2.0
// From the bytes of one client to the requests in them: HTTP/1.x and TLS over a stream, DNS in a datagram.
//
// A StreamParser is a small machine that can stop and go on at every byte. What it has to remember as text (names, the
// HTTP target) stands in a RequestText, which the caller keeps only as long as a message is unfinished.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "counters/names.h"

namespace parapet::packet {

inline constexpr std::size_t kMaxNames = 8;
inline constexpr std::size_t kMaxNameLength = 255;     // bytes of a name as on the wire, port included
inline constexpr std::size_t kMaxTargetLength = 4096;  // longer HTTP targets are kept to here
inline constexpr std::size_t kMaxHttpHead = 64 * 1024;
inline constexpr std::size_t kMaxHello = 256 * 1024;

// The text of one request as on the wire, gathered byte by byte. Plain data: copied, wiped and pooled by the caller.
struct RequestText {
  struct Name {
    std::uint8_t length;
    std::array<std::uint8_t, kMaxNameLength> bytes;
    ByteView view() const noexcept { return {bytes.data(), length}; }
  };
  std::uint8_t name_count = 0;        // HTTP: authority of the target first, then each Host; TLS: each host_name; DNS: dotted is
                                      // never made here, see DnsQuestions
  bool name_lost = false;             // a name was too long or too many: at least one could not be kept
  bool target_cut = false;            // the target is longer than kMaxTargetLength
  std::uint16_t target_length = 0;    // HTTP only; without scheme and authority where it came in absolute form
  std::array<Name, kMaxNames> names;
  std::array<std::uint8_t, kMaxTargetLength> target;

  ByteView target_view() const noexcept { return {target.data(), target_length}; }
  void clear() noexcept {             // lengths alone; wipe() the whole object where it held something
    name_count = 0;
    name_lost = target_cut = false;
    target_length = 0;
  }
};

enum class ExtractOutcome : std::uint8_t {
  need_more,     // everything consumed; a message is unfinished, or its body goes on
  request,       // the last consumed byte completed a request: judge it, then feed the rest
  idle,          // everything consumed and no message is unfinished (HTTP between two requests)
  opaque,        // this stream asks nothing readable (any more); nothing further needs feeding
  uninspected,   // a bound was reached: give up, count `reason`
};

struct Extracted {
  ExtractOutcome outcome;
  std::size_t consumed;          // bytes of the input that were read, <= its size
  UninspectedReason reason;      // outcome uninspected only
};

// Whether a stream could begin a request with these bytes: a TLS handshake record, or an HTTP method and target.
// True where too few bytes are there to say no.  cost: a few bytes;  any thread
bool could_begin_request(ByteView payload) noexcept;

// HTTP/1.x and TLS from a client's first byte on.  RFC 9112, RFC 8446 §4.1.2 and §5.1, RFC 6066 §3.
//   state     at most 128 bytes, trivially copyable: copy it to try a segment and keep the old one to go back
//   cost      one pass, no allocation
//   thread    any, one owner
class StreamParser {
 public:
  // Reads on. The bytes must follow those of the call before. `text` is the same object until outcome request, idle,
  // opaque or uninspected (then its content is the caller's to use and wipe; the parser clears it when a new message
  // begins).
  Extracted feed(ByteView bytes, RequestText& text) noexcept;

  Protocol protocol() const noexcept;       // http or tls, once outcome request came
  bool decided() const noexcept;            // whether the protocol is known
  bool ech_present() const noexcept;        // TLS: the last hello had an encrypted_client_hello extension
  bool keeps_text() const noexcept;         // an unfinished message whose text must be kept for the next feed

  // How many of the next bytes are body, whatever they hold: they need not be kept or be in order.
  std::uint64_t body_bytes_ahead() const noexcept;

 private:
  // The author of extract fills this; trivially copyable and at most 128 bytes (static_assert in extract.cpp).
  std::array<std::uint64_t, 16> state_{};
};

// The questions of one DNS message over UDP.  RFC 1035 §4.1, RFC 9619.
struct DnsQuestions {
  static constexpr std::size_t kMax = 4;
  // One question's name in wire form without compression: length byte and label, again and again, closing zero left
  // out; wire case. At most 254 bytes.
  struct Question {
    std::uint8_t length;
    std::array<std::uint8_t, 254> labels;
    std::uint16_t type;
    ByteView view() const noexcept { return {labels.data(), length}; }
  };
  std::uint8_t count = 0;
  std::array<Question, kMax> questions;
};

enum class DnsOutcome : std::uint8_t {
  query,       // opcode QUERY, QR 0, 1..4 questions read
  not_query,   // a response, another opcode, or no question
  malformed,   // names that loop, point forwards, run over 255 bytes, or leave the message
};

//   in    the UDP payload;  cost  one pass, at most 16 pointers a name;  thread  any
DnsOutcome read_dns_questions(ByteView message, DnsQuestions& out) noexcept;

}  // namespace parapet::packet
