// SPDX-License-Identifier: Apache-2.0
// The long header of one QUIC packet, and with it where the next packet of the datagram begins.  RFC 9000 §12.2, §17.2
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace parapet::packet {

// Versions whose Initials are protected in one way each. Drafts 30 to 32 are as draft 29, drafts 33 and 34 as
// version 1. The drafts of version 2 had a number of their own, which servers still take.
enum class QuicVersion : std::uint8_t { draft_29, v1, v2, v2_draft };
inline constexpr std::size_t kQuicVersions = 4;

inline constexpr std::size_t kMaxConnectionId = 20;

struct ConnectionId {
  std::uint8_t length = 0;
  std::array<std::uint8_t, kMaxConnectionId> bytes{};  // zero behind the length

  // REQUIRES at most kMaxConnectionId bytes
  static ConnectionId of(ByteView id) noexcept {
    ConnectionId made;
    made.length = static_cast<std::uint8_t>(id.size());
    std::copy(id.begin(), id.end(), made.bytes.begin());
    return made;
  }
  ByteView view() const noexcept { return {bytes.data(), length}; }
  friend bool operator==(const ConnectionId&, const ConnectionId&) = default;
};

enum class LongPacket : std::uint8_t { initial, zero_rtt, handshake, retry };

struct LongHeader {
  LongPacket type;
  QuicVersion version;
  ConnectionId destination;
  std::size_t number_at;  // where the packet number stands, from the packet's first byte; retry: 0
  std::size_t length;     // of the whole packet; retry: all that is there
};

enum class HeaderOutcome : std::uint8_t {
  packet,           // a whole packet of a version that can be read
  unknown_version,  // has the form, but a version that cannot; not those that only ask for versions
  none,             // short header, version negotiation, a reserved version, or no QUIC
};

// Reads the header of the packet at the front. The fixed bit may be 0 (RFC 9287).
//   in    the rest of a UDP payload
//   cost  a few dozen bytes; no allocation;  thread: any
HeaderOutcome read_long_header(ByteView rest, LongHeader& out) noexcept;

// Whether a UDP payload begins like a QUIC packet with a long header, of a readable version or another.
bool has_long_form(ByteView payload) noexcept;

}  // namespace parapet::packet
