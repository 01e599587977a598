// SPDX-License-Identifier: Apache-2.0
// Blocks of addresses: what is read, what they hold.
#include "base/address_prefix.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <string_view>

namespace parapet {
namespace {

TEST(AddressPrefix, ReadsBlocksAndSingleAddresses) {
  const auto holds = [](const char* prefix, const char* address) {
    std::array<std::uint8_t, 16> bytes{};
    if (std::string_view(address).contains(':')) {
      ::inet_pton(AF_INET6, address, bytes.data());
    } else {
      bytes[10] = bytes[11] = 0xff;
      ::inet_pton(AF_INET, address, bytes.data() + 12);
    }
    const auto parsed = AddressPrefix::parse(prefix);
    return parsed.has_value() && parsed->holds(bytes);
  };
  EXPECT_TRUE(holds("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(holds("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("2001:db8::/31", "2001:db9::1"));
  for (const char* bad :
       {"", "/", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2/24", "2001:db8::/129", "x/8", "192.0.2.0/8x"}) {
    EXPECT_FALSE(AddressPrefix::parse(bad).has_value()) << bad;
  }
}

TEST(AddressPrefix, BitsBehindThePrefixAreClearedOrRefused) {
  const auto cleared = AddressPrefix::parse("192.0.2.129/25");
  ASSERT_TRUE(cleared);
  EXPECT_EQ(*cleared, *AddressPrefix::parse("192.0.2.128/25", true));
  EXPECT_FALSE(AddressPrefix::parse("192.0.2.129/25", true));
  EXPECT_FALSE(AddressPrefix::parse("2001:db8::1/64", true));
  EXPECT_TRUE(AddressPrefix::parse("2001:db8::1", true));
}

TEST(AddressPrefix, KnowsWhichFamilyItIsOf) {
  EXPECT_TRUE(AddressPrefix::parse("192.0.2.0/24")->is_ipv4());
  EXPECT_TRUE(AddressPrefix::parse("0.0.0.0/0")->is_ipv4());
  EXPECT_FALSE(AddressPrefix::parse("::/0")->is_ipv4());
  EXPECT_FALSE(AddressPrefix::parse("2001:db8::/96")->is_ipv4());
}

}  // namespace
}  // namespace parapet
