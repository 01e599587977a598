// SPDX-License-Identifier: Apache-2.0
// Frames of every link type: what the decoder promises of its offsets holds, and the checksum reads no byte too far.
#include <cstdlib>
#include <vector>

#include "packet/decode/decode.h"
#include "packet/decode/internet_checksum.h"
#include "seeds.h"

using namespace parapet;
using namespace parapet::packet;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Most mutations break the IPv4 header checksum, and little lies behind it. The first byte of the input, which chooses
// the link type, also says whether it is put right.
void mend_ipv4(std::vector<std::uint8_t>& frame, std::size_t ip) {
  if (frame.size() < ip + 20) return;
  const std::size_t header = static_cast<std::size_t>(frame[ip] & 0x0f) * 4;
  if (frame[ip] >> 4 != 4 || header < 20 || frame.size() < ip + header) return;
  store_be16(frame.data() + ip + 10, 0);
  InternetSum sum;
  sum.add(ByteView{frame}.subspan(ip, header));
  store_be16(frame.data() + ip + 10, sum.checksum());
}

const std::vector<std::uint8_t> kSeeds[] = {
    // raw IPv4 with a TCP SYN; its input byte comes first
    {0x81, 0x45, 0, 0, 44, 0, 1, 0x40, 0, 64, 6,    0, 0,    192, 0, 2, 1, 198, 51, 100, 1, 0x9c, 0x40,
     0,    80,   0, 0, 0,  1, 0, 0,    0, 0,  0x60, 2, 0x20, 0,   0, 0, 0, 0,   2,  4,   5, 0xb4},
    // Ethernet, two tags, IPv6, a destination header, UDP
    {0x00, 2,    0,    0, 0, 0,    1, 2,   0,    0,    0,    0,  2,   0x88, 0xa8, 0, 1, 0x81, 0, 0, 2,
     0x86, 0xdd, 0x60, 0, 0, 0,    0, 18,  60,   64,   0x20, 1,  0xd, 0xb8, 0,    0, 0, 0,    0, 0, 0,
     0,    0,    0,    0, 1, 0x20, 1, 0xd, 0xb8, 0,    0,    0,  0,   0,    0,    0, 0, 0,    0, 0, 2,
     17,   0,    1,    4, 0, 0,    0, 0,   0x9c, 0x40, 0,    53, 0,   10,   0,    0, 1, 2},
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned random) {
  return fuzz::mutate_from_seeds(data, size, max_size, random, kSeeds);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const LinkType link = static_cast<LinkType>((data[0] & 0x7f) % 5);
  std::vector<std::uint8_t> frame(data + 1, data + size);
  if ((data[0] & 0x80) != 0) {
    constexpr std::size_t kIpOffset[] = {14, 0, 16, 20, 4};
    mend_ipv4(frame, kIpOffset[static_cast<std::size_t>(link)]);
  }
  const Decoded decoded = decode_packet(frame, link);
  if (decoded.outcome != DecodeOutcome::tcp && decoded.outcome != DecodeOutcome::udp) return 0;
  require(decoded.ip_offset < decoded.l4_offset);
  require(decoded.l4_offset < decoded.payload_offset);
  require(std::size_t{decoded.payload_offset} + decoded.payload_length <= frame.size());
  static_cast<void>(checksum_fits(frame, decoded));
  return 0;
}
