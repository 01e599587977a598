// SPDX-License-Identifier: Apache-2.0
// One canonical host for both roads (docs/formats/canonical.md).
//
//   lower-case ASCII; one trailing dot removed; labels of 1..63 bytes, 253 in all, no byte <= 0x20, 0x7f or of the set
//   below; IPv4 literals as four decimal numbers, IPv6 literals in brackets in RFC 5952 form.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace parapet::canon {

inline constexpr std::size_t kMaxHost = 253;

// Holds one canonical host. Wiped by its owner when it held a listed name.
struct Host {
  std::array<char, 256> text;
  std::uint8_t length = 0;
  bool is_address = false;
  std::string_view view() const noexcept { return {text.data(), length}; }
};

enum class HostOutcome : std::uint8_t {
  ok,
  empty,
  too_long,        // over 253 bytes, or a label over 63
  empty_label,     // "a..b", ".a"
  forbidden_byte,  // control, space, or one of  # % / : < > ? @ [ \ ] ^ |  that no host has
  not_ascii,       // a byte >= 0x80: the list's road turns those into A-labels first; on the wire they are no host
  bad_address,     // looks like an IP literal and is none
};

std::string_view name_of(HostOutcome outcome) noexcept;

// Canonicalises a host as it stands on the wire (SNI, Host without port) or in a list after IDNA.
//   cost  one pass, no allocation;  thread: any
HostOutcome canonicalise_host(ByteView in, Host& out) noexcept;

// The same from a DNS name in wire form (length byte, label, ...; no closing zero): a label with a dot or another
// forbidden byte in it gives forbidden_byte, never another name.
HostOutcome canonicalise_labels(ByteView labels, Host& out) noexcept;

// The last labels of a name that is no host: all that stand behind the last one that no host has. A name is below the
// domain that they name, whatever stands before them.
//   out  part of `in`; may be empty
ByteView usable_tail(ByteView in) noexcept;
ByteView usable_labels(ByteView labels) noexcept;  // of a DNS name in wire form

// Splits "host", "host:port", "[v6]:port", "user@host:port" at the first colon behind the user.  RFC 3986 §3.2
struct Authority {
  ByteView host;       // without brackets' content changed: "[...]" is kept
  std::uint16_t port;  // the default where none stands
  bool ok;             // false: a port that is no number of 1..65535
};
Authority split_authority(ByteView authority, std::uint16_t default_port) noexcept;

}  // namespace parapet::canon
