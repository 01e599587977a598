// SPDX-License-Identifier: Apache-2.0
// DNS messages of a zone transfer, by ldns.  RFC 1035 §4, RFC 5936
//
// Names are wire form without compression, in lower case: length byte, label, ..., the closing zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parapet::lists {

inline constexpr std::uint16_t kTypeSoa = 6;
inline constexpr std::uint16_t kTypeTsig = 250;
inline constexpr std::uint16_t kTypeAxfr = 252;
inline constexpr std::uint16_t kClassIn = 1;
inline constexpr std::uint16_t kClassAny = 255;
inline constexpr std::size_t kDnsHeader = 12;

struct DnsRecord {
  std::string owner;
  std::uint16_t type = 0;
  std::uint16_t rr_class = 0;
  std::uint32_t serial = 0;  // of a SOA
  std::string text;          // as a line of a zone file, with absolute names and a line feed
};

// RFC 8945 §4.2
struct TsigRecord {
  std::string name;
  std::string algorithm;
  std::uint64_t signed_s = 0;  // since 1970
  std::uint16_t fudge_s = 0;
  std::vector<std::uint8_t> mac;
  std::uint16_t original_id = 0;
  std::uint16_t error = 0;
  std::vector<std::uint8_t> other;
  std::size_t begin = 0;  // where it stands in the message, which ends with it
};

struct DnsQuestion {
  std::string name;
  std::uint16_t type = 0;
};

struct DnsMessage {
  std::uint16_t id = 0;
  bool is_response = false;
  bool is_truncated = false;
  std::uint8_t opcode = 0;
  std::uint8_t rcode = 0;
  std::optional<DnsQuestion> question;
  std::vector<DnsRecord> answers;
  std::optional<TsigRecord> tsig;
};

// Reads a message whole; what stands behind its last record, a second question and a TSIG that is not the last record
// are refused.
//   errors  malformed; says where, never what stands there
Result<DnsMessage> parse_dns_message(ByteView bytes);

// A question of class IN, without recursion.
std::vector<std::uint8_t> format_query(std::uint16_t id, std::string_view name, std::uint16_t type);

//   errors  invalid_argument (no name)
Result<std::string> to_wire_name(const std::string& text);

// Whether a name is the origin or below it.
bool is_within(std::string_view name, std::string_view origin) noexcept;

}  // namespace parapet::lists
