// SPDX-License-Identifier: Apache-2.0
// Two approvals are of two people, and one refusal ends it.
#include "approval/tally.h"

#include <gtest/gtest.h>

#include "people.h"

namespace parapet::approval {
namespace {

using support::approvers;
using support::signed_by;

constexpr std::uint64_t kTalliedAt = 1'795'000'000;

class TallyTest : public testing::Test {
 protected:
  static Subject subject() {
    Subject made;
    made.fill(7);
    return made;
  }
  static SignedStatement said_by(std::string name, Decision decision = Decision::approve,
                                 std::uint64_t valid_s = 3600) {
    return signed_by(std::move(name), {.act = Act::release,
                                       .subject = subject(),
                                       .about = "hotline",
                                       .decision = decision,
                                       .by = "",
                                       .expires_realtime_s = kTalliedAt + valid_s});
  }
  Status take(const SignedStatement& offered, std::uint64_t now = kTalliedAt) {
    return tally.take(offered, approvers(), now);
  }

  Tally tally{Act::release, subject(), "hotline"};
};

TEST_F(TallyTest, TwoPeopleApprove) {
  ASSERT_TRUE(take(said_by("anna")));
  EXPECT_EQ(tally.outcome(2, kTalliedAt), Outcome::open);
  ASSERT_TRUE(take(said_by("boris")));
  EXPECT_EQ(tally.outcome(2, kTalliedAt), Outcome::approved);
  EXPECT_EQ(tally.people(kTalliedAt), (std::vector<std::string>{"anna", "boris"}));
}

TEST_F(TallyTest, OnePersonTwiceIsOnePerson) {
  ASSERT_TRUE(take(said_by("anna")));
  const auto again = take(said_by("anna", Decision::approve, 7200));
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().context.find("another person must"), std::string::npos);
  EXPECT_EQ(tally.outcome(2, kTalliedAt), Outcome::open);
}

TEST_F(TallyTest, OneRefusalEndsItWhateverOthersSaid) {
  ASSERT_TRUE(take(said_by("anna")));
  ASSERT_TRUE(take(said_by("carla", Decision::refuse)));
  ASSERT_TRUE(take(said_by("boris")));
  EXPECT_EQ(tally.outcome(2, kTalliedAt), Outcome::refused);
}

TEST_F(TallyTest, WhoApprovedCanStillRefuse) {
  ASSERT_TRUE(take(said_by("anna")));
  ASSERT_TRUE(take(said_by("anna", Decision::refuse)));
  EXPECT_EQ(tally.outcome(1, kTalliedAt), Outcome::refused);
}

TEST_F(TallyTest, AnApprovalCountsUntilItExpires) {
  ASSERT_TRUE(take(said_by("anna", Decision::approve, 100)));
  ASSERT_TRUE(take(said_by("boris", Decision::approve, 3600), kTalliedAt + 99));
  EXPECT_EQ(tally.outcome(2, kTalliedAt + 99), Outcome::approved);
  EXPECT_EQ(tally.outcome(2, kTalliedAt + 100), Outcome::open);
  EXPECT_TRUE(take(said_by("anna", Decision::approve, 3600), kTalliedAt + 100));
  EXPECT_EQ(tally.outcome(2, kTalliedAt + 100), Outcome::approved);
}

TEST_F(TallyTest, AStatementAboutSomethingElseIsNotTaken) {
  auto other = said_by("anna").statement;
  other.subject[0] ^= 1;
  EXPECT_EQ(take(signed_by("anna", other)).error().code, ErrorCode::refused);
  other = said_by("anna").statement;
  other.about = "second";
  EXPECT_EQ(take(signed_by("anna", other)).error().code, ErrorCode::refused);
  other = said_by("anna").statement;
  other.act = Act::reveal;
  EXPECT_EQ(take(signed_by("anna", other)).error().code, ErrorCode::refused);
  EXPECT_TRUE(tally.statements().empty());
}

}  // namespace
}  // namespace parapet::approval
