// SPDX-License-Identifier: Apache-2.0
// Capture files of any content: frames lie inside the file, numbers ascend, and reading ends.

#include "app/cli/capture.h"
#include "app/cli/ipv4_header.h"
#include "app/cli/link_types.h"
#include "app/cli/side_guess.h"
#include "require.h"
#include "seeded_mutator.h"

using namespace parapet;
using namespace parapet::cli;

namespace {

using Bytes = std::vector<std::uint8_t>;

using fuzz::require;

const Bytes kSeeds[] = {
    // pcap, little-endian, Ethernet, one frame of 16 bytes
    {0xd4, 0xc3, 0xb2, 0xa1, 2,  0, 4, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0,    0,
     2,    0,    0,    0,    16, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0},
    // pcapng, big-endian: section, interface with a time resolution, enhanced packet of 4 bytes, simple packet
    {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0,  0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0, 0, 0, 28, 0,    0,    0,    1,    0, 0, 0, 32, 0,    101,  0,    0,
     0,    0,    0,    0,    0, 9, 0, 1,  9,    0,    0,    0,    0, 0, 0, 0,  0,    0,    0,    32,
     0,    0,    0,    6,    0, 0, 0, 36, 0,    0,    0,    0,    0, 0, 0, 0,  0,    0,    0,    9,
     0,    0,    0,    4,    0, 0, 0, 4,  0x45, 0,    0,    4,    0, 0, 0, 36, 0,    0,    0,    3,
     0,    0,    0,    20,   0, 0, 0, 4,  0x60, 0,    0,    0,    0, 0, 0, 20}};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemorySource source({data, size});
  auto reader = open_capture(source);
  if (!reader) return 0;
  SideGuess sides;
  CapturedFrame frame{};
  std::size_t bytes = 0;
  for (std::uint64_t number = 1; (*reader)->next(frame); ++number) {
    require(frame.number == number);
    bytes += frame.bytes.size();
    require(bytes <= size);
    const auto link = link_type_of(frame.link_type);
    if (!link) continue;
    Bytes copy(frame.bytes.begin(), frame.bytes.end());
    finish_ipv4_headers(copy, *link);
    static_cast<void>(sides.side_of(copy, packet::decode_packet(copy, *link)));
  }
  return 0;
}
