// SPDX-License-Identifier: Apache-2.0
// Frames of every link type: what the decoder promises of its offsets holds, and the checksum reads no byte too far.
#include <vector>

#include "mend_ipv4.h"
#include "packet/decode/decode.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

using fuzz::require;

const std::vector<std::uint8_t> kSeeds[] = {
    // raw IPv4 with a TCP SYN; its input byte comes first
    {0x81, 0x45, 0, 0, 44, 0, 1, 0x40, 0, 64, 6,    0, 0,    192, 0, 2, 1, 198, 51, 100, 1, 0x9c, 0x40,
     0,    80,   0, 0, 0,  1, 0, 0,    0, 0,  0x60, 2, 0x20, 0,   0, 0, 0, 0,   2,  4,   5, 0xb4},
    // Ethernet, two tags, IPv6, a destination header, UDP
    {0x00, 2,    0,    0, 0, 0,    1, 2,   0,    0,    0,    0,  2,   0x88, 0xa8, 0, 1, 0x81, 0, 0, 2,
     0x86, 0xdd, 0x60, 0, 0, 0,    0, 18,  60,   64,   0x20, 1,  0xd, 0xb8, 0,    0, 0, 0,    0, 0, 0,
     0,    0,    0,    0, 1, 0x20, 1, 0xd, 0xb8, 0,    0,    0,  0,   0,    0,    0, 0, 0,    0, 0, 2,
     17,   0,    1,    4, 0, 0,    0, 0,   0x9c, 0x40, 0,    53, 0,   10,   0,    0, 1, 2},
    // raw IPv4, GRE with a key and Ethernet, LLC/SNAP, MPLS, IPv4, UDP to GTP-U, IPv6, UDP
    {0x81, 0x45, 0,   0,    154,  0,   1,    0,    0, 64,   47,   0,   0,  192,  0,    2,    1,    198, 51,   100,
     1,    0x20, 0,   0x65, 0x58, 0,   0,    0,    7, 2,    0,    0,   0,  0,    1,    2,    0,    0,   0,    0,
     2,    0,    112, 0xaa, 0xaa, 3,   0,    0,    0, 0x88, 0x47, 0,   1,  0x11, 60,   0x45, 0,    0,   100,  0,
     1,    0,    0,   64,   17,   0,   0,    192,  0, 2,    1,    198, 51, 100,  1,    0x9c, 0x40, 8,   0x68, 0,
     80,   0,    0,   0x34, 255,  0,   64,   0,    0, 0,    9,    0,   0,  0,    0x85, 1,    16,   9,   0,    0x60,
     0,    0,    0,   0,    16,   17,  64,   0x20, 1, 0xd,  0xb8, 0,   0,  0,    0,    0,    0,    0,   0,    0,
     0,    0,    1,   0x20, 1,    0xd, 0xb8, 0,    0, 0,    0,    0,   0,  0,    0,    0,    0,    0,   2,    0x9c,
     0x40, 0,    53,  0,    16,   0,   0,    1,    2, 3,    4,    5,   6,  7,    8},
    // PPPoE with an IPv4 fragment
    {0x80, 2, 0, 0,    0, 0,  1,  2, 0, 0,   0, 0, 2, 0x88, 0x64, 0x11, 0, 0, 1, 0, 30, 0, 0x21, 0x45, 0, 0,
     28,   0, 1, 0x20, 3, 64, 17, 0, 0, 192, 0, 2, 1, 198,  51,   100,  1, 1, 2, 3, 4,  5, 6,    7,    8},
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const LinkType link = fuzz::link_of(data[0]);
  std::vector<std::uint8_t> frame(data + 1, data + size);
  if ((data[0] & 0x80) != 0) fuzz::mend_ipv4(frame, link);
  LayerTrail trail;
  const Decoded decoded = decode_packet(frame, link, kMaxCarriers, &trail);
  require(trail.count <= kMaxLayers && decoded.carriers <= kMaxCarriers + 1);
  if (decoded.outcome == DecodeOutcome::fragment) {
    require(std::size_t{decoded.payload_offset} + decoded.payload_length <= frame.size());
  }
  if (decoded.outcome != DecodeOutcome::tcp && decoded.outcome != DecodeOutcome::udp) return 0;
  require(decoded.ip_offset < decoded.l4_offset);
  require(decoded.l4_offset < decoded.payload_offset);
  require(std::size_t{decoded.payload_offset} + decoded.payload_length <= frame.size());
  require(trail.layers[trail.count - 1u].offset == decoded.ip_offset);
  static_cast<void>(checksum_fits(frame, decoded));
  return 0;
}
