// SPDX-License-Identifier: Apache-2.0
// Reads the question section. Compression pointers go strictly backwards; some servers follow one into the header,
// where a zero ends the name, so it is followed here.
#include "packet/extract/dns_questions.h"

#include <algorithm>
#include <cstring>

namespace parapet::packet {
namespace {

constexpr std::size_t kHeaderLength = 12;
constexpr unsigned kMaxPointers = 16;

// Reads the name at `at` into `out`. Returns where the name ends in the question itself, or 0 if it is malformed.
//
//   00LLLLLL label…       11PPPPPP PPPPPPPP pointer, from the message's first byte       00000000 end
std::size_t read_name(ByteView message, std::size_t at, DnsQuestions::Question& out) noexcept {
  std::size_t end = 0;      // behind the first pointer, once there was one
  std::size_t lowest = at;  // a pointer must lead to before everything read so far: no loop is possible
  unsigned pointers = 0;
  std::size_t length = 0;
  for (;;) {
    if (at >= message.size()) return 0;
    const std::uint8_t head = message[at];
    if (head == 0) {
      out.length = static_cast<std::uint8_t>(length);
      return end != 0 ? end : at + 1;
    }
    if ((head & 0xc0) == 0xc0) {
      if (at + 2 > message.size() || ++pointers > kMaxPointers) return 0;
      if (end == 0) end = at + 2;
      const std::size_t to = load_be16(message.data() + at) & 0x3fffU;
      if (to >= lowest) return 0;
      at = lowest = to;
      continue;
    }
    if ((head & 0xc0) != 0) return 0;  // RFC 6891 §5: extended labels are gone
    const std::size_t label = std::size_t{head} + 1;
    if (at + label > message.size() || length + label > out.labels.size()) return 0;
    std::memcpy(out.labels.data() + length, message.data() + at, label);
    length += label;
    at += label;
  }
}

}  // namespace

DnsOutcome read_dns_questions(ByteView message, DnsQuestions& out) noexcept {
  out.count = 0;
  if (message.size() < kHeaderLength) return DnsOutcome::malformed;
  if ((message[2] & 0xf8) != 0) return DnsOutcome::not_query;  // QR and opcode
  const std::size_t wanted = std::min<std::size_t>(load_be16(message.data() + 4), DnsQuestions::kMax);
  if (wanted == 0) return DnsOutcome::not_query;
  std::size_t at = kHeaderLength;
  while (out.count < wanted) {
    DnsQuestions::Question& question = out.questions[out.count];
    const std::size_t end = read_name(message, at, question);
    if (end == 0 || end + 4 > message.size()) return DnsOutcome::malformed;
    question.type = load_be16(message.data() + end);
    question.dns_class = load_be16(message.data() + end + 2);
    at = end + 4;
    ++out.count;
  }
  return DnsOutcome::query;
}

DnsOutcome read_datagram_questions(ByteView message, std::uint16_t destination_port, DnsQuestions& out) noexcept {
  constexpr std::uint16_t kMulticastDnsPort = 5353, kLlmnrPort = 5355;
  constexpr std::uint16_t kInternet = 1, kAnyClass = 255;
  if (destination_port == kDnsPort) return read_dns_questions(message, out);
  out.count = 0;
  if (destination_port == kMulticastDnsPort || destination_port == kLlmnrPort) return DnsOutcome::not_query;
  if (message.size() < kHeaderLength || load_be16(message.data() + 4) > DnsQuestions::kMax)
    return DnsOutcome::not_query;
  bool is_query = read_dns_questions(message, out) == DnsOutcome::query;
  for (std::size_t i = 0; i < out.count; ++i) {
    const std::uint16_t of = out.questions[i].dns_class;
    is_query &= of == kInternet || of == kAnyClass;
  }
  if (!is_query) out.count = 0;
  return is_query ? DnsOutcome::query : DnsOutcome::not_query;
}

}  // namespace parapet::packet
