// SPDX-License-Identifier: Apache-2.0
// Keys by name, with their values.
#include "config/key_values.h"

#include <gtest/gtest.h>

namespace parapet::config {
namespace {

TEST(KeyValues, OfTablesAndArraysOfTablesAreListedByName) {
  const auto listed = list_key_values(
      "[control]\nsocket = \"/s\"\nexplain_per_minute = 3\n[[approver]]\nname = \"anna\"\ned25519 = \"k\"\n"
      "[[source]]\nurl = \"u\"\nname = \"hotline\"\nends = 2027-03-31T23:59:59+02:00\n[source.legal]\nappeal = \"a\"\n"
      "[[source.kind_word]]\nword = \"FQDN\"\n[[source.exempt]]\nrealms = [1, 2]\n[[source]]\nname = \"no name\"\n",
      "control.toml");
  ASSERT_TRUE(listed) << listed.error().context;
  std::vector<std::string> keys;
  for (const auto& each : *listed) keys.push_back(each.key);
  EXPECT_EQ(keys,
            (std::vector<std::string>{"approver.anna.ed25519", "approver.anna.name", "control.explain_per_minute",
                                      "control.socket", "source.2.name", "source.hotline.ends",
                                      "source.hotline.exempt.1.realms", "source.hotline.kind_word.1.word",
                                      "source.hotline.legal.appeal", "source.hotline.name", "source.hotline.url"}));
  EXPECT_EQ((*listed)[2].value, "3");
  EXPECT_NE((*listed)[6].value.find('2'), std::string::npos) << "an array is a value";
  EXPECT_NE((*listed)[5].value.find("2027-03-31"), std::string::npos);
}

TEST(KeyValues, OfWhatIsNoTomlAreNone) {
  EXPECT_EQ(list_key_values("[control", "control.toml").error().code, ErrorCode::invalid_config);
  EXPECT_EQ(list_key_values(std::string((1 << 20) + 1, '#'), "control.toml").error().code, ErrorCode::limit);
  EXPECT_TRUE(list_key_values("", "control.toml")->empty());
}

}  // namespace
}  // namespace parapet::config
