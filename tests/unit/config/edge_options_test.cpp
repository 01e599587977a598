// SPDX-License-Identifier: Apache-2.0
// edge.toml: the file in conf/ loads, mistakes are named, and a reload knows what needs a restart.
#include "config/edge_options.h"

#include <gtest/gtest.h>
#include <fstream>

namespace parapet::config {
namespace {

std::string conf_text() {
  std::ifstream in(PARAPET_ROOT "/conf/edge.toml");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string replaced(std::string_view from, std::string_view to) {
  auto text = conf_text();
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string edge_error_of(const std::string& text) {
  const auto options = parse_edge_options(text, "edge.toml");
  return options ? "" : options.error().context;
}

EdgeOptions options_of(const std::string& text) {
  auto options = parse_edge_options(text, "edge.toml");
  EXPECT_TRUE(options) << options.error().context;
  return options ? *options : EdgeOptions{};
}

TEST(EdgeOptions, TheFileInConfLoadsAndShowsTheDefaults) {
  const auto options = options_of(conf_text());
  ASSERT_EQ(options.pairs.size(), 1u);
  EXPECT_EQ(options.pairs[0].name, "peering-1");
  EXPECT_FALSE(options.uses_af_xdp());
  const EdgeOptions defaults;
  EXPECT_EQ(options.mbufs, defaults.mbufs);
  EXPECT_EQ(options.records, defaults.records);
  EXPECT_EQ(options.kept_blocks, defaults.kept_blocks);
  EXPECT_EQ(options.limits, defaults.limits);
  EXPECT_EQ(options.heartbeat_ms, defaults.heartbeat_ms);
  EXPECT_EQ(options.live.block_hold_s, defaults.live.block_hold_s);
  EXPECT_EQ(options.live.tcp, defaults.live.tcp);
}

TEST(EdgeOptions, MistakesAreNamedWithTheirPlace) {
  EXPECT_NE(edge_error_of(replaced("heartbeat_ms", "hartbeat_ms")).find("unknown key; did you mean heartbeat_ms?"),
            std::string::npos);
  EXPECT_NE(edge_error_of(replaced("\"reset\"", "\"reject\"")).find("expected \"drop\" or \"reset\", found \"reject\""),
            std::string::npos);
  EXPECT_NE(edge_error_of(replaced("ring_size      = 4096", "ring_size      = 4095"))
                .find("power of two 256..65536, found 4095"),
            std::string::npos);
  EXPECT_TRUE(edge_error_of("").starts_with("edge.toml:1:1: ")) << edge_error_of("");
}

TEST(EdgeOptions, BothPortsOfAPairAreOfOneKindAndDistinct) {
  EXPECT_NE(edge_error_of(replaced("net_af_packet0,iface=sub0", "af_xdp,iface=sub0"))
                .find("pair.transit: expected af_xdp on both"),
            std::string::npos);
  EXPECT_NE(
      edge_error_of(replaced("net_af_packet1,iface=net0", "net_af_packet1,iface=sub0")).find("no other port uses"),
      std::string::npos);
}

TEST(EdgeOptions, RealmsAreOfAPairAndHaveVlansOrANetwork) {
  const auto options = options_of(conf_text() + "[[realm]]\npair = \"peering-1\"\nvlans = [200, 100]\nid = 7\n" +
                                  "[[realm]]\npair = \"peering-1\"\nvni = 5001\nid = 8\n");
  ASSERT_EQ(options.realms.size(), 2u);
  EXPECT_EQ(options.realms[0], (RealmOptions{0, {200, 100}, std::nullopt, 7}));
  EXPECT_EQ(options.realms[1], (RealmOptions{0, {}, 5001, 8}));
  EXPECT_EQ(restart_needed(options_of(conf_text()), options), "realm");
  EXPECT_NE(edge_error_of(conf_text() + "[[realm]]\npair = \"peering-1\"\nid = 7\n").find("vlans, vni, or both"),
            std::string::npos);
  EXPECT_NE(
      edge_error_of(conf_text() + "[[realm]]\npair = \"peering-2\"\nvni = 1\nid = 7\n").find("the name of a pair"),
      std::string::npos);
  EXPECT_NE(edge_error_of(conf_text() + "[[realm]]\npair = \"peering-1\"\nvlans = [4096]\nid = 7\n").find("0..4095"),
            std::string::npos);
}

TEST(EdgeOptions, AReloadKnowsWhatNeedsARestart) {
  const auto running = options_of(conf_text());
  EXPECT_EQ(restart_needed(running, running), "");
  EXPECT_EQ(restart_needed(running, options_of(replaced("\"reset\"", "\"drop\""))), "");
  EXPECT_NE(restart_needed(running, options_of(replaced("cores          = [1]", "cores          = [1, 2]"))), "");
}

}  // namespace
}  // namespace parapet::config
