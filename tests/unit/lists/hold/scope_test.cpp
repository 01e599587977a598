// SPDX-License-Identifier: Apache-2.0
// The scope: a lock is accepted once, never an older one after it, over restarts; while the file is wrong nothing new
// is taken.
#include "lists/hold/scope.h"

#include <gtest/gtest.h>
#include <filesystem>

#include "digested.h"
#include "people.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::kListKey;
using support::scope_lock;

class ScopeTest : public testing::Test {
 protected:
  ScopeTest() { restart(); }
  // The same state read by a new process.
  void restart() {
    auto loaded = Scope::load(folder.file("scope"), kListKey);
    ASSERT_TRUE(loaded) << loaded.error().context;
    scope.emplace(std::move(*loaded));
  }
  ScopeChange put(const std::string& text) {
    folder.write("scope.lock", text);
    return refresh();
  }
  ScopeChange refresh() { return scope->refresh(folder.file("scope.lock"), people); }
  // A lock that is no good: csam stays allowed, no new list is taken, and it is told once.
  void expect_refused(const std::string& text, ErrorCode code) {
    EXPECT_EQ(put(text), ScopeChange::refused) << text;
    EXPECT_EQ(refresh(), ScopeChange::none);
    EXPECT_EQ(scope->state(), ScopeState::refused);
    EXPECT_EQ(scope->error().code, code) << scope->error().context;
    EXPECT_EQ(scope->check_new_list("csam").error().code, code);
    EXPECT_EQ(scope->accepted().sequence, 5u);
    EXPECT_TRUE(scope->allows("csam"));
    EXPECT_EQ(put(kGood), ScopeChange::none);
    EXPECT_EQ(scope->state(), ScopeState::in_force);
    EXPECT_TRUE(scope->check_new_list("csam"));
  }

  const std::string kGood = scope_lock(5, {"csam", "fraud"});
  support::TempFolder folder;
  std::vector<config::Approver> people = support::approvers();
  std::optional<Scope> scope;
};

TEST_F(ScopeTest, WithoutALockEveryListIsTakenAndNoneMayBeEnforced) {
  EXPECT_EQ(scope->refresh("", people), ScopeChange::none);
  EXPECT_EQ(scope->state(), ScopeState::none);
  EXPECT_TRUE(scope->check_new_list("csam"));
  EXPECT_FALSE(scope->allows("csam"));
}

TEST_F(ScopeTest, ALockSaysWhichCategoriesMayBeEnforced) {
  EXPECT_EQ(put(kGood), ScopeChange::accepted);
  EXPECT_EQ(refresh(), ScopeChange::none);
  EXPECT_EQ(scope->state(), ScopeState::in_force);
  EXPECT_EQ(scope->accepted().signed_by, (std::vector<std::string>{"anna", "boris"}));
  EXPECT_TRUE(scope->allows("fraud"));
  EXPECT_FALSE(scope->allows("news"));
  EXPECT_EQ(scope->check_new_list("news").error().code, ErrorCode::refused);
  EXPECT_EQ(scope->check_new_list("").error().code, ErrorCode::refused);
}

TEST_F(ScopeTest, ALockThatIsNoGoodChangesNothingAndNoNewListIsTaken) {
  ASSERT_EQ(put(kGood), ScopeChange::accepted);
  expect_refused("rubbish", ErrorCode::malformed);
  expect_refused(scope_lock(6, {"csam", "news"}, {"anna"}), ErrorCode::refused);
  expect_refused(scope_lock(6, {"csam", "news"}, {"anna", "mallory"}), ErrorCode::refused);
  const auto one = scope_lock(6, {"csam", "news"}, {"anna"});
  expect_refused(one + one.substr(one.find("signature: ")), ErrorCode::malformed);
  expect_refused(scope_lock(4, {"csam", "fraud"}), ErrorCode::refused);
  expect_refused(scope_lock(5, {"csam"}), ErrorCode::refused);
}

TEST_F(ScopeTest, ALockThatIsGoneChangesNothingAndNoNewListIsTaken) {
  ASSERT_EQ(put(kGood), ScopeChange::accepted);
  std::filesystem::remove(folder.file("scope.lock"));
  EXPECT_EQ(refresh(), ScopeChange::refused);
  EXPECT_EQ(scope->error().code, ErrorCode::not_found);
  EXPECT_FALSE(scope->check_new_list("csam"));
  EXPECT_TRUE(scope->allows("csam"));
  EXPECT_EQ(put(kGood), ScopeChange::none) << "the same one is back";
  EXPECT_TRUE(scope->check_new_list("csam"));
}

TEST_F(ScopeTest, OnceThereWasALockOneIsNeeded) {
  ASSERT_EQ(put(kGood), ScopeChange::accepted);
  restart();
  EXPECT_EQ(scope->refresh("", people), ScopeChange::refused);
  EXPECT_FALSE(scope->check_new_list("csam"));
  EXPECT_TRUE(scope->allows("csam"));
}

TEST_F(ScopeTest, AnOlderLockDoesNotComeBackOverARestart) {
  ASSERT_EQ(put(kGood), ScopeChange::accepted);
  restart();
  EXPECT_TRUE(scope->allows("fraud")) << "before the file is read";
  EXPECT_EQ(put(scope_lock(4, {"csam", "news"})), ScopeChange::refused);
  EXPECT_FALSE(scope->allows("news"));
}

TEST_F(ScopeTest, ANewerLockReplacesItAndAThirdSignatureIsAChange) {
  ASSERT_EQ(put(kGood), ScopeChange::accepted);
  EXPECT_EQ(put(scope_lock(5, {"csam", "fraud"}, {"anna", "boris", "carla"})), ScopeChange::accepted);
  EXPECT_EQ(put(scope_lock(6, {"csam"}, {"boris", "carla"})), ScopeChange::accepted);
  EXPECT_FALSE(scope->allows("fraud"));
}

TEST_F(ScopeTest, WhenAPersonLeavesAnotherMustSign) {
  ASSERT_EQ(put(kGood), ScopeChange::accepted);
  people.erase(people.begin());
  restart();
  EXPECT_EQ(refresh(), ScopeChange::refused);
  EXPECT_EQ(put(scope_lock(5, {"csam", "fraud"}, {"anna", "boris", "carla"})), ScopeChange::accepted);
  EXPECT_EQ(scope->accepted().signed_by, (std::vector<std::string>{"boris", "carla"}));
}

TEST_F(ScopeTest, AFileOfStateThatWasChangedIsRefused) {
  folder.write("scope", "0123456789abcdefPSC1rubbish");
  EXPECT_EQ(Scope::load(folder.file("scope"), kListKey).error().code, ErrorCode::integrity);
}

}  // namespace
}  // namespace parapet::lists
