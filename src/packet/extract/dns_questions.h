// SPDX-License-Identifier: Apache-2.0
// The questions of one DNS message.  RFC 1035 §4.1, RFC 9619.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace parapet::packet {

inline constexpr std::uint16_t kDnsPort = 53;

struct DnsQuestions {
  static constexpr std::size_t kMax = 4;
  // One question's name in wire form without compression: length byte and label, again and again, closing zero left
  // out; wire case. At most 254 bytes.
  struct Question {
    std::uint8_t length;
    std::array<std::uint8_t, 254> labels;
    std::uint16_t type;
    std::uint16_t dns_class;
    ByteView view() const noexcept { return {labels.data(), length}; }
  };
  std::uint8_t count = 0;
  std::array<Question, kMax> questions;
};

enum class DnsOutcome : std::uint8_t {
  query,      // opcode QUERY, QR 0, 1..4 questions read (of more than 4 the first 4)
  not_query,  // a response, another opcode, or no question
  malformed,  // names that loop, point forwards, run over 255 bytes, or leave the message
};

//   in    the message, without TCP's length;  cost  one pass, at most 16 pointers a name;  thread  any
// Outcome malformed: `out` holds the questions that stood before the broken one.
DnsOutcome read_dns_questions(ByteView message, DnsQuestions& out) noexcept;

// The same of a datagram. To port 53 everything is DNS; to another port only what cannot be taken for anything
// else: 1..4 questions that are wholly there, of class IN or ANY. Multicast DNS and LLMNR (RFC 6762, RFC 4795) ask the
// neighbours, not the Internet: they are not_query.
DnsOutcome read_datagram_questions(ByteView message, std::uint16_t destination_port, DnsQuestions& out) noexcept;

}  // namespace parapet::packet
