// SPDX-License-Identifier: Apache-2.0
// Keys of TSIG, serials and names of zones.
#include "lists/fetch/tsig.h"

#include <gtest/gtest.h>

#include "lists/fetch/serial.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kKey = "hmac-sha256:transfer.example.test:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==";

TEST(TsigKey, IsAlgorithmNameAndSecret) {
  const auto key = parse_tsig_key(kKey);
  ASSERT_TRUE(key) << key.error().context;
  EXPECT_EQ(text_of(key->secret), "secret secret secret secret!");
  EXPECT_EQ(key->name, std::string_view("\10transfer\7example\4test\0", 23));
}

TEST(TsigKey, ThatIsNoneIsRefusedWithoutRepeatingIt) {
  for (const std::string_view text :
       {"", "hmac-sha256", "hmac-sha256:a.test", "hmac-md5:a.test:c2VjcmV0IHNlY3JldCBzZWNyZXQ=",
        "hmac-sha256::c2VjcmV0IHNlY3JldCBzZWNyZXQ=", "hmac-sha256:a..test:c2VjcmV0IHNlY3JldCBzZWNyZXQ=",
        "hmac-sha256:a.test:c2VjcmV0", "hmac-sha256:a.test:c2VjcmV0IHNlY3JldCBzZWNyZXQ",
        "hmac-sha256:a.test:====", "hmac-sha256:a.test:c2VjcmV0IHNlY3JldCBzZW=yZXQ="}) {
    const auto key = parse_tsig_key(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, ErrorCode::malformed);
    EXPECT_EQ(key.error().context.find("c2Vj"), std::string::npos);
  }
}

TEST(TsigKey, ComesFromAFileThatNobodyElseReads) {
  const support::TempFolder folder;
  EXPECT_TRUE(read_tsig_key(folder.write("a", std::string(kKey) + "\n")));
  EXPECT_EQ(read_tsig_key(folder.write("b", kKey, 0640)).error().code, ErrorCode::permission);
  EXPECT_EQ(read_tsig_key(folder.file("none")).error().code, ErrorCode::not_found);
}

TEST(Serial, RunsInACircle) {
  EXPECT_EQ(order_of_serials(7, 7), SerialOrder::same);
  EXPECT_EQ(order_of_serials(7, 8), SerialOrder::newer);
  EXPECT_EQ(order_of_serials(0xffffffff, 0), SerialOrder::newer);
  EXPECT_EQ(order_of_serials(0, 0x7fffffff), SerialOrder::newer);
  EXPECT_EQ(order_of_serials(0, 0x80000000), SerialOrder::undefined);
  EXPECT_EQ(order_of_serials(0, 0x80000001), SerialOrder::older);
  EXPECT_EQ(order_of_serials(8, 7), SerialOrder::older);
}

TEST(DnsNames, AreBelowByLabels) {
  const auto is_within_origin = [](const std::string& name) {
    return is_within(*to_wire_name(name), *to_wire_name("rpz.test"));
  };
  EXPECT_TRUE(is_within_origin("rpz.test"));
  EXPECT_TRUE(is_within_origin("a.RPZ.test"));
  EXPECT_FALSE(is_within_origin("arpz.test"));
  EXPECT_FALSE(is_within_origin("test"));
  EXPECT_FALSE(is_within_origin("."));
}

}  // namespace
}  // namespace parapet::lists
