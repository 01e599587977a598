// SPDX-License-Identifier: Apache-2.0
// The keys of edge.toml.
#include <gtest/gtest.h>
#include <fstream>
#include <sstream>
#include <string>

#include "config/edge_options.h"

namespace parapet::config {
namespace {

std::string shipped() {
  std::ostringstream text;
  text << std::ifstream(PARAPET_ROOT "/conf/edge.toml").rdbuf();
  return text.str();
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto options = parse_edge_options(text, "edge.toml");
  return options ? "" : options.error().context;
}

TEST(EdgeOptions, the_shipped_file_says_the_defaults) {
  const auto options = parse_edge_options(shipped(), "edge.toml");
  ASSERT_TRUE(options) << options.error().context;
  const EdgeOptions defaults;
  EXPECT_EQ(options->size_mib, defaults.size_mib);
  EXPECT_EQ(options->mbufs, defaults.mbufs);
  EXPECT_EQ(options->heartbeat_ms, defaults.heartbeat_ms);
  EXPECT_EQ(options->ring_size, defaults.ring_size);
  EXPECT_EQ(options->handshake_slots, defaults.handshake_slots);
  EXPECT_EQ(options->records, defaults.records);
  EXPECT_EQ(options->messages, defaults.messages);
  EXPECT_EQ(options->kept_blocks, defaults.kept_blocks);
  EXPECT_EQ(options->live.idle_sleep_us, defaults.live.idle_sleep_us);
  EXPECT_EQ(options->live.idle_timeout_s, defaults.live.idle_timeout_s);
  EXPECT_EQ(options->live.block_hold_s, defaults.live.block_hold_s);
  EXPECT_EQ(options->cores, std::vector<std::uint16_t>{1});
  ASSERT_EQ(options->pairs.size(), 1u);
  EXPECT_EQ(options->pairs[0].subscriber.interface, "sub0");
  EXPECT_FALSE(options->uses_af_xdp());
}

TEST(EdgeOptions, an_unknown_key_is_named_with_its_line) {
  const std::string text = with(shipped(), "ring_size ", "rings_size ");
  EXPECT_NE(refusal(text).find("rings_size"), std::string::npos);
  EXPECT_TRUE(refusal(text).starts_with("edge.toml:")) << refusal(text);
}

TEST(EdgeOptions, values_out_of_range_are_refused) {
  EXPECT_NE(refusal(with(shipped(), "heartbeat_ms   = 50", "heartbeat_ms   = 9")), "");
  EXPECT_NE(refusal(with(shipped(), "ring_size      = 4096", "ring_size      = 4097")), "");
  EXPECT_NE(refusal(with(shipped(), "max_frame  = 9216", "max_frame  = 9217")), "");
  EXPECT_NE(refusal(with(shipped(), "cores          = [1]", "cores          = []")), "");
  EXPECT_NE(refusal(with(shipped(), "cores          = [1]", "cores          = [1, 1]")), "");
}

TEST(EdgeOptions, both_ports_of_a_pair_are_af_xdp_or_neither) {
  const std::string one = with(shipped(), "net_af_packet0,iface=sub0", "af_xdp,iface=sub0");
  EXPECT_NE(refusal(one).find("transit"), std::string::npos);
  const auto both = parse_edge_options(with(one, "net_af_packet1,iface=net0", "af_xdp,iface=net0"), "edge.toml");
  ASSERT_TRUE(both) << both.error().context;
  EXPECT_TRUE(both->uses_af_xdp());
  EXPECT_EQ(both->pairs[0].transit.interface, "net0");
}

TEST(EdgeOptions, devices_that_cannot_be_are_refused) {
  for (const char* device : {"af_xdp,iface=", "af_xdp,iface=a-name-of-17-chars", "af_xdp,iface=sub0,queue=1",
                             "net_af_packet0", "net_af_xdp0,iface=sub0", "--vdev=net_null0", ""}) {
    EXPECT_NE(refusal(with(shipped(), "net_af_packet0,iface=sub0", device)), "") << device;
  }
}

TEST(EdgeOptions, two_ports_never_share_an_interface) {
  EXPECT_NE(refusal(with(shipped(), "iface=net0", "iface=sub0")).find("no other port"), std::string::npos);
}

TEST(EdgeOptions, only_live_keys_are_taken_over_without_a_restart) {
  const auto running = parse_edge_options(shipped(), "edge.toml");
  ASSERT_TRUE(running);
  const auto live = parse_edge_options(with(shipped(), "tcp = \"reset\"", "tcp = \"drop\""), "edge.toml");
  ASSERT_TRUE(live);
  EXPECT_EQ(restart_needed(*running, *live), "");
  const auto restart = parse_edge_options(with(shipped(), "mbufs      = 16384", "mbufs      = 8192"), "edge.toml");
  ASSERT_TRUE(restart);
  EXPECT_EQ(restart_needed(*running, *restart), "memory.mbufs");
  const auto pair = parse_edge_options(with(shipped(), "realm      = 0", "realm      = 1"), "edge.toml");
  ASSERT_TRUE(pair);
  EXPECT_EQ(restart_needed(*running, *pair), "pair");
}

}  // namespace
}  // namespace parapet::config
