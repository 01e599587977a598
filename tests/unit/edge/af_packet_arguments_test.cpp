// SPDX-License-Identifier: Apache-2.0
// What DPDK's af_packet driver is told.
#include <gtest/gtest.h>

#include "edge/af_packet_ring.h"

namespace parapet::edge {
namespace {

constexpr std::uint32_t kMostBeforeAFrame = 96;  // TPACKET_V2's header, its alignment and room for a tag

TEST(AfPacketArguments, frames_of_any_length_fit_and_never_straddle_a_block) {
  for (std::uint32_t length = 1518; length <= 9216; ++length) {
    const auto geometry = af_packet_geometry(static_cast<std::uint16_t>(length));
    ASSERT_GE(geometry.frame_size, length + kMostBeforeAFrame);
    ASSERT_EQ(geometry.block_size % geometry.frame_size, 0u);
    ASSERT_EQ(geometry.block_size % 4096, 0u);
    ASSERT_EQ(geometry.frame_count % (geometry.block_size / geometry.frame_size), 0u);
  }
}

TEST(AfPacketArguments, what_is_missing_is_added) {
  EXPECT_EQ(complete_af_packet_arguments("net_af_packet0,iface=sub0", 9216, 2),
            "net_af_packet0,iface=sub0,qpairs=2,framesz=12288,blocksz=49152,framecnt=2048");
}

TEST(AfPacketArguments, what_the_operator_wrote_stays) {
  EXPECT_EQ(complete_af_packet_arguments("net_af_packet0,iface=sub0,qpairs=1,framesz=16384,blocksz=65536", 9216, 4),
            "net_af_packet0,iface=sub0,qpairs=1,framesz=16384,blocksz=65536");
}

}  // namespace
}  // namespace parapet::edge
