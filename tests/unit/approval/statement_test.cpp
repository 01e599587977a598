// SPDX-License-Identifier: Apache-2.0
// Statements: what is signed is what was meant, by whom, and until when.
#include "approval/statement.h"

#include <gtest/gtest.h>

#include "people.h"

namespace parapet::approval {
namespace {

using support::approvers;
using support::signed_by;

constexpr std::uint64_t kNow = 1'795'000'000;

Statement statement() {
  Statement made;
  made.subject.fill(0xab);
  made.about = "hotline";
  made.expires_realtime_s = kNow + 3600;
  return made;
}

TEST(Statement, ItsTextIsTheOneOfTheDocumentation) {
  auto said = statement();
  said.by = "anna";
  std::string subject;
  for (int i = 0; i < 32; ++i) subject += "ab";
  EXPECT_EQ(format_statement(said), "parapet statement 1\nact: release\nsubject: " + subject +
                                        "\nabout: hotline\ndecision: approve\nby: anna\nexpires: 1795003600\n");
}

TEST(Statement, OneThatAnApproverSignedVerifies) {
  EXPECT_TRUE(verify(signed_by("anna", statement()), approvers(), kNow));
}

TEST(Statement, ItsSignatureHoldsForNothingElse) {
  const auto good = signed_by("anna", statement());
  const auto check = [&](auto&& change) {
    auto changed = good;
    change(changed.statement);
    const auto status = verify(changed, approvers(), kNow);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::integrity);
  };
  check([](Statement& said) { said.act = Act::suspend; });
  check([](Statement& said) { said.subject[31] ^= 1; });
  check([](Statement& said) { said.about = "other"; });
  check([](Statement& said) { said.decision = Decision::refuse; });
  check([](Statement& said) { said.by = "boris"; });
  check([](Statement& said) { ++said.expires_realtime_s; });
}

TEST(Statement, AStrangersIsRefused) {
  EXPECT_EQ(verify(signed_by("mallory", statement()), approvers(), kNow).error().code, ErrorCode::refused);
}

TEST(Statement, OnesSignatureUnderAnothersNameIsNoSignature) {
  auto borrowed = signed_by("anna", statement());
  borrowed.statement.by = "boris";
  EXPECT_EQ(verify(borrowed, approvers(), kNow).error().code, ErrorCode::integrity);
}

TEST(Statement, ItEndsWhenItSaysAndSaysSoWithinSevenDays) {
  auto said = statement();
  said.expires_realtime_s = kNow;
  EXPECT_EQ(verify(signed_by("anna", said), approvers(), kNow).error().context, "it has expired");
  said.expires_realtime_s = kNow + kMaxValiditySeconds;
  EXPECT_TRUE(verify(signed_by("anna", said), approvers(), kNow));
  ++said.expires_realtime_s;
  EXPECT_EQ(verify(signed_by("anna", said), approvers(), kNow).error().code, ErrorCode::refused);
}

TEST(Statement, SignaturesThatAreNoneAreRefused) {
  auto offered = signed_by("anna", statement());
  for (const std::string text : {"", "AAAA", "\xff\xff", "not base64 at all"}) {
    offered.signature = text;
    EXPECT_EQ(verify(offered, approvers(), kNow).error().code, ErrorCode::integrity);
  }
}

TEST(Statement, SubjectsAreReadBack) {
  const auto subject = statement().subject;
  EXPECT_EQ(parse_subject(format_subject(subject)), subject);
  for (const std::string_view wrong : {"", "ab", "zz"}) EXPECT_FALSE(parse_subject(wrong)) << wrong;
}

}  // namespace
}  // namespace parapet::approval
