// SPDX-License-Identifier: Apache-2.0
// Two people, and both of them recorded, before a name is told.
#include "control/reveal.h"

#include <gtest/gtest.h>

#include "fake_clock.h"
#include "lists/compile/entry_id.h"
#include "people.h"
#include "sealed_list.h"
#include "temp_folder.h"

namespace parapet::control {
namespace {

constexpr EntryId kEntry{0x1122334455667788};

class RevealTest : public testing::Test {
 protected:
  RevealTest() {
    const auto data_key = support::key_bytes(9);
    const auto stream =
        support::memory_with(support::sealed_stream(data_key, {{kEntry.value, 12, "host:a.example.test"}}));
    EXPECT_TRUE(archive.keep({"hotline", 3}, 1, data_key, stream.get()));
  }
  Result<Revealed> ask(std::string person, EntryId id = kEntry,
                       approval::Decision decision = approval::Decision::approve) {
    approval::Statement statement{
        .act = approval::Act::reveal, .subject = approval::subject_of_entry(id), .about = "hotline"};
    statement.decision = decision;
    statement.expires_realtime_s = clock.realtime_ns() / kNanosecondsPerSecond + 3600;
    return revealer.reveal("hotline", id, support::signed_by(std::move(person), statement));
  }

  support::TempFolder folder;
  support::FakeClock clock;
  std::vector<config::Approver> people = support::approvers();
  evidence::AuditLog audit = std::move(*evidence::AuditLog::open(folder.file("audit.jsonl"), clock));
  lists::Archive archive = std::move(*lists::Archive::open(folder.path(), support::archive_keys(1)));
  Revealer revealer{&archive, people, audit, clock};
};

TEST_F(RevealTest, TheSecondPersonIsToldAndTheFirstIsNot) {
  const auto first = ask("anna");
  ASSERT_TRUE(first) << first.error().context;
  EXPECT_EQ(first->text, "");
  const auto second = ask("boris");
  ASSERT_TRUE(second) << second.error().context;
  EXPECT_EQ(second->text, "host:a.example.test");
  EXPECT_EQ(second->version, 3u);
  EXPECT_EQ(second->line, 12u);
  EXPECT_EQ(ask("carla")->text, "") << "it is told once";
}

TEST_F(RevealTest, OnePersonTwiceIsNotTold) {
  ASSERT_TRUE(ask("anna"));
  EXPECT_EQ(ask("anna").error().code, ErrorCode::refused);
}

TEST_F(RevealTest, AStrangerAndAnotherEntrysStatementDoNotCount) {
  ASSERT_TRUE(ask("anna"));
  EXPECT_EQ(ask("mallory").error().code, ErrorCode::refused);
  EXPECT_EQ(ask("boris", EntryId{5})->text, "") << "that one waits for itself";
  EXPECT_EQ(ask("carla", EntryId{5}).error().code, ErrorCode::not_found);
}

TEST_F(RevealTest, ARefusalEndsIt) {
  ASSERT_TRUE(ask("anna"));
  EXPECT_EQ(ask("carla", kEntry, approval::Decision::refuse).error().code, ErrorCode::refused);
  EXPECT_EQ(ask("boris")->text, "") << "it begins anew";
}

TEST_F(RevealTest, WhatTheFirstSaidExpires) {
  ASSERT_TRUE(ask("anna"));
  clock.now_ns += 3601 * kNanosecondsPerSecond;
  EXPECT_EQ(ask("boris")->text, "");
}

TEST_F(RevealTest, BothAreRecordedAndTheNameIsNot) {
  ASSERT_TRUE(ask("anna"));
  ASSERT_TRUE(ask("boris"));
  const auto log = folder.read("audit.jsonl");
  EXPECT_NE(
      log.find("\"type\":\"reveal\",\"source\":\"hotline\",\"entry_id\":\"1122334455667788\",\"approver\":\"anna\""),
      std::string::npos)
      << log;
  EXPECT_NE(log.find("\"approver\":\"boris\""), std::string::npos);
  EXPECT_EQ(log.find("example"), std::string::npos);
}

TEST_F(RevealTest, WithoutAnArchiveThereIsNothingToTell) {
  Revealer without(nullptr, people, audit, clock);
  EXPECT_EQ(without.reveal("hotline", kEntry, {}).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace parapet::control
