// SPDX-License-Identifier: Apache-2.0
// Only whole feeds within the limit become verified ones.
#include "lists/verify/verify.h"

#include <gtest/gtest.h>
#include <type_traits>

namespace parapet::lists {
namespace {

RawFeed feed_of(std::size_t size, std::int64_t declared, bool marked) {
  RawFeed raw;
  raw.bytes.resize(size);
  raw.head.declared_size = declared;
  raw.head.end_is_marked = marked;
  raw.head.etag = "\"v\"";
  return raw;
}

const VerifyRules kRules{.max_size_bytes = 10};

static_assert(!std::is_constructible_v<VerifiedFeed, RawFeed>, "only verify_feed makes a VerifiedFeed");
static_assert(!std::is_default_constructible_v<VerifiedFeed>);

TEST(Verify, WholeFeedsPass) {
  const auto verified = verify_feed(feed_of(10, 10, true), kRules);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->bytes().size(), 10u);
  EXPECT_EQ(verified->etag(), "\"v\"");
  EXPECT_TRUE(verify_feed(feed_of(10, -1, true), kRules));
}

TEST(Verify, OthersDoNot) {
  EXPECT_EQ(verify_feed(feed_of(9, 10, true), kRules).error().code, ErrorCode::integrity);
  EXPECT_EQ(verify_feed(feed_of(10, -1, false), kRules).error().code, ErrorCode::integrity);
  EXPECT_EQ(verify_feed(feed_of(11, 11, true), kRules).error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace parapet::lists
