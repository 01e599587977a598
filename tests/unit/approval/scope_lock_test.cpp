// SPDX-License-Identifier: Apache-2.0
// Scope locks: written in one way, signed by two different people.
#include "approval/scope_lock.h"

#include <gtest/gtest.h>

#include "people.h"

namespace parapet::approval {
namespace {

using support::approvers;
using support::scope_lock;
using Names = std::vector<std::string>;

Result<Names> people_of(const std::string& text) {
  const auto lock = parse_scope_lock(text);
  if (!lock) return std::unexpected(lock.error());
  return verify_scope_lock(*lock, approvers());
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(ScopeLock, IsReadBack) {
  const auto lock = parse_scope_lock(scope_lock(7, {"terrorism", "csam", "csam"}));
  ASSERT_TRUE(lock) << lock.error().context;
  EXPECT_EQ(lock->sequence, 7u);
  EXPECT_EQ(lock->categories, (Names{"csam", "terrorism"}));
  EXPECT_EQ(format_scope_lock(*lock), scope_lock(7, {"csam", "terrorism"}));
}

TEST(ScopeLock, IsThisText) {
  const auto text = scope_lock(3, {"csam"}, {"anna"});
  EXPECT_TRUE(text.starts_with("parapet scope lock 1\nsequence: 3\ncategory: csam\nsignature: anna ")) << text;
  EXPECT_EQ(text.size(), 65u + 88u);
  EXPECT_EQ(digest_of(*parse_scope_lock(text)), digest_of(*parse_scope_lock(scope_lock(3, {"csam"}, {}))));
  EXPECT_NE(digest_of(*parse_scope_lock(text)), digest_of(*parse_scope_lock(scope_lock(4, {"csam"}, {}))));
}

TEST(ScopeLock, CountsTwoApproversAndMore) {
  EXPECT_EQ(people_of(scope_lock(1, {"csam"})), (Names{"anna", "boris"}));
  EXPECT_EQ(people_of(scope_lock(1, {"csam"}, {"carla", "anna", "boris"})), (Names{"carla", "anna", "boris"}));
}

TEST(ScopeLock, IsRefusedWithOneSignatureOrNone) {
  EXPECT_EQ(people_of(scope_lock(1, {"csam"}, {})).error().code, ErrorCode::refused);
  EXPECT_EQ(people_of(scope_lock(1, {"csam"}, {"anna"})).error().code, ErrorCode::refused);
}

TEST(ScopeLock, DoesNotCountStrangers) {
  EXPECT_EQ(people_of(scope_lock(1, {"csam"}, {"anna", "mallory"})).error().code, ErrorCode::refused);
  EXPECT_EQ(people_of(scope_lock(1, {"csam"}, {"mallory", "trudy"})).error().code, ErrorCode::refused);
  EXPECT_EQ(people_of(scope_lock(1, {"csam"}, {"mallory", "anna", "boris"})), (Names{"anna", "boris"}))
      << "one who left may have signed, too";
}

TEST(ScopeLock, DoesNotCountOnePersonTwice) {
  auto lock = *parse_scope_lock(scope_lock(1, {"csam"}, {"anna"}));
  EXPECT_EQ(sign_scope_lock(lock, {"anna", support::seed_of("anna")}).error().code, ErrorCode::refused);
  lock.signatures.push_back(lock.signatures[0]);
  EXPECT_EQ(verify_scope_lock(lock, approvers()).error().code, ErrorCode::refused);
  EXPECT_EQ(parse_scope_lock(format_scope_lock(lock)).error().code, ErrorCode::malformed);
}

TEST(ScopeLock, IsRefusedWithASignatureThatDoesNotFit) {
  auto lock = *parse_scope_lock(scope_lock(1, {"csam"}));
  lock.signatures[1].by = "carla";
  EXPECT_EQ(verify_scope_lock(lock, approvers()).error().code, ErrorCode::integrity) << "of another person's key";
  const auto text = scope_lock(1, {"csam"});
  EXPECT_EQ(people_of(replaced(text, "category: csam\n", "category: csam\ncategory: news\n")).error().code,
            ErrorCode::integrity);
  EXPECT_EQ(people_of(replaced(text, "sequence: 1", "sequence: 2")).error().code, ErrorCode::integrity);
}

TEST(ScopeLock, IsNoStatementAndAStatementIsNone) {
  const Statement statement{.about = "hotline"};
  const auto said = support::signed_by("anna", statement);
  auto lock = *parse_scope_lock(scope_lock(1, {"csam"}));
  lock.signatures[0].signature = said.signature;
  EXPECT_EQ(verify_scope_lock(lock, approvers()).error().code, ErrorCode::integrity);
}

TEST(ScopeLock, IsWrittenInOneWayAlone) {
  const auto text = scope_lock(12, {"csam", "terrorism"});
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(people_of(text.substr(0, size))) << size;
  for (const auto& other :
       {replaced(text, "sequence: 12", "sequence: 012"), replaced(text, "sequence: 12", "sequence: 0"),
        replaced(text, "sequence: 12", "sequence: 99999999999999999999"), replaced(text, "sequence: 12", "sequence:"),
        replaced(text, "lock 1", "lock 2"), replaced(text, "csam", "CSAM"), replaced(text, "csam", "zoo"),
        replaced(text, "csam", "terrorism"), replaced(text, "\n", "\r\n"), text + "\n", text + "more", "\n" + text,
        replaced(text, "category: csam\ncategory: terrorism\n", ""), replaced(text, "anna ", "anna"),
        replaced(text, "anna", "")}) {
    EXPECT_EQ(parse_scope_lock(other).error().code, ErrorCode::malformed) << other;
  }
  EXPECT_EQ(parse_scope_lock(std::string(kMaxScopeLockFile + 1, 'x')).error().code, ErrorCode::limit);
}

TEST(ScopeLock, OfNoCategoryOrOfNoNameIsNotMade) {
  EXPECT_EQ(make_scope_lock(1, {}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(make_scope_lock(0, {"csam"}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(make_scope_lock(1, {"two words"}).error().code, ErrorCode::invalid_argument);
  Names many;
  for (int i = 0; i <= 64; ++i) many.push_back("c" + std::to_string(i));
  EXPECT_EQ(make_scope_lock(1, many).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace parapet::approval
