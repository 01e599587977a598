// SPDX-License-Identifier: Apache-2.0
// Old lists do not come back, and the time only goes on.
#include "lists/verify/order.h"

#include <gtest/gtest.h>

#include "lists/verify/trusted_time.h"

namespace parapet::lists {
namespace {

bool may_follow(SignedOrder held, SignedOrder offered, bool same = false) {
  const auto status = check_order(held, offered, same);
  EXPECT_TRUE(status || status.error().code == ErrorCode::refused);
  return status.has_value();
}

TEST(SignedOrder, AnythingFollowsAnUnsignedList) {
  EXPECT_TRUE(may_follow({}, {}));
  EXPECT_TRUE(may_follow({}, {5, 0}));
}

TEST(SignedOrder, NoUnsignedListFollowsASignedOne) { EXPECT_FALSE(may_follow({5, 0}, {}, true)); }

TEST(SignedOrder, ByTimeWhereThereIsNoSequence) {
  EXPECT_TRUE(may_follow({5, 0}, {6, 0}));
  EXPECT_FALSE(may_follow({5, 0}, {4, 0}, true)) << "rolled back";
  EXPECT_TRUE(may_follow({5, 0}, {5, 0}, true)) << "the same list again";
  EXPECT_FALSE(may_follow({5, 0}, {5, 0}, false)) << "another list of the same time";
}

TEST(SignedOrder, BySequenceOnceThereIsOne) {
  EXPECT_TRUE(may_follow({5, 0}, {6, 1}));
  EXPECT_TRUE(may_follow({5, 8}, {4, 9})) << "the signer's clock may go back, its count may not";
  EXPECT_FALSE(may_follow({5, 8}, {6, 7}));
  EXPECT_FALSE(may_follow({5, 8}, {6, 8}));
  EXPECT_TRUE(may_follow({5, 8}, {6, 8}, true));
  EXPECT_FALSE(may_follow({5, 8}, {6, 0})) << "the count is gone";
}

TEST(TrustedTime, NeverFallsBehindWhatWasSignedOrReleased) {
  EXPECT_EQ(trusted_now(0, 0), kReleaseRealtimeNs);
  EXPECT_EQ(trusted_now(kReleaseRealtimeNs + 5, 0), kReleaseRealtimeNs + 5);
  EXPECT_EQ(trusted_now(7, kReleaseRealtimeNs + 9), kReleaseRealtimeNs + 9);
}

}  // namespace
}  // namespace parapet::lists
