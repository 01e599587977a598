// SPDX-License-Identifier: Apache-2.0
// From a frame to the IP packet that an end behind routers and tunnels gets: plain reading, sharing nothing with src/.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "support_bytes.h"

namespace parapet::cases {

using support::Bytes;

// One IP packet or fragment; the payload stands behind every extension header that was read.
struct IpReading {
  Bytes source, destination;  // 4 or 16 bytes
  std::uint8_t protocol = 0;
  std::uint8_t hop_limit = 0;
  std::uint32_t identification = 0;
  std::uint32_t offset = 0;
  bool fragmented = false;  // more fragments, or an offset
  bool more = false;
  Bytes payload;
};

// Nothing: a host would not take it (lengths, header checksum, a hop-by-hop header that is not the first).
std::optional<IpReading> read_ip(ByteView packet);

// Reads the extension headers that begin `payload` once fragments were put together; false: a host would not take it.
bool pass_extensions(IpReading& reading);

// The IP packet that an Ethernet frame holds behind tags, MPLS labels and PPPoE; empty: none.
Bytes ip_packet_of(ByteView frame);

// The packet inside of a tunnel's packet; empty: it is no tunnel's.
Bytes tunnelled_packet_of(const IpReading& outer);

}  // namespace parapet::cases
