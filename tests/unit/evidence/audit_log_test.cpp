// SPDX-License-Identifier: Apache-2.0
// The audit log goes on over restarts and shows every later change.
#include "evidence/audit_log.h"

#include <gtest/gtest.h>
#include <filesystem>
#include <random>
#include <vector>

#include "fake_clock.h"
#include "temp_folder.h"

namespace parapet::evidence {
namespace {

class AuditLogTest : public testing::Test {
 protected:
  void append(int records) {
    auto log = AuditLog::open(path, clock);
    ASSERT_TRUE(log) << log.error().context;
    for (int i = 0; i < records; ++i) {
      ASSERT_TRUE(log->append("published", {{"generation", std::uint64_t{7}}, {"created", 1.5}}));
    }
  }
  ErrorCode check_after(const std::string& text) const {
    const auto checked = check_audit_text(text, folder.read("audit.jsonl.head"));
    return checked ? ErrorCode::unavailable : checked.error().code;
  }

  support::TempFolder folder;
  support::FakeClock clock;
  std::string path = folder.file("audit.jsonl");
};

TEST_F(AuditLogTest, ARecordHasItsFieldsAndSealsTheOneBefore) {
  append(1);
  EXPECT_EQ(
      folder.read("audit.jsonl"),
      "{\"seq\":1,\"time\":1790000001.000000,\"type\":\"published\",\"generation\":7,\"created\":1.5,\"prev\":\"" +
          std::string(64, '0') + "\"}\n");
}

TEST_F(AuditLogTest, TheChainGoesOnOverRestarts) {
  append(3);
  append(2);
  const auto records = check_audit_log(path);
  ASSERT_TRUE(records) << records.error().context;
  EXPECT_EQ(*records, 5u);
}

TEST_F(AuditLogTest, ChangedMissingAndAddedLinesAreFound) {
  append(4);
  const std::string text = folder.read("audit.jsonl");
  auto changed = text;
  changed.replace(changed.find("\"generation\":7"), 14, "\"generation\":8");
  EXPECT_EQ(check_after(changed), ErrorCode::integrity);
  EXPECT_EQ(check_after(text.substr(text.find('\n') + 1)), ErrorCode::integrity);
  const auto second = text.find('\n') + 1;
  EXPECT_EQ(check_after(text.substr(0, second) + text.substr(text.find('\n', second) + 1)), ErrorCode::integrity);
  EXPECT_EQ(check_after(text + text.substr(0, second)), ErrorCode::integrity);
  EXPECT_EQ(check_after(text.substr(0, text.size() - 1)), ErrorCode::integrity);
  EXPECT_EQ(check_after("rubbish\n"), ErrorCode::integrity);
}

TEST_F(AuditLogTest, EveryFlipDeletionSwapAndTruncationIsFound) {
  append(40);
  const std::string text = folder.read("audit.jsonl");
  ASSERT_EQ(check_after(text), ErrorCode::unavailable) << "as it is, it is right";
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  const auto joined = [](const std::vector<std::string>& some) {
    std::string all;
    for (const auto& line : some) all += line;
    return all;
  };
  std::mt19937 random{7};
  for (int round = 0; round < 10'000; ++round) {
    std::string changed = text;
    auto some = lines;
    const std::size_t first = random() % some.size(), second = random() % some.size();
    const char* what = "";
    switch (round % 4) {
      case 0: {
        what = "bit";
        const std::size_t bit = random() % (text.size() * 8);
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        break;
      }
      case 1:
        what = "deletion";
        some.erase(some.begin() + static_cast<std::ptrdiff_t>(first));
        changed = joined(some);
        break;
      case 2:
        what = "swap";
        std::swap(some[first], some[second == first ? (first + 1) % some.size() : second]);
        changed = joined(some);
        break;
      default:
        what = "truncation";
        if (round % 8 == 3) {
          some.resize(first);
          changed = joined(some);
        } else {
          changed.resize(random() % text.size());
        }
    }
    ASSERT_EQ(check_after(changed), ErrorCode::integrity) << what << " of round " << round;
  }
}

TEST_F(AuditLogTest, TheHeadTellsWhereTheLogEnds) {
  append(3);
  const std::string text = folder.read("audit.jsonl"), head = folder.read("audit.jsonl.head");
  EXPECT_EQ(head.size(), 86u);
  const auto code = [&](const std::string& log, const std::string& its_head) {
    const auto checked = check_audit_text(log, its_head);
    return checked ? ErrorCode::unavailable : checked.error().code;
  };
  append(1);
  const std::string more = folder.read("audit.jsonl");
  EXPECT_EQ(code(more, head), ErrorCode::unavailable) << "a crash between record and head";
  append(1);
  EXPECT_EQ(code(folder.read("audit.jsonl"), head), ErrorCode::integrity) << "an old head";
  for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
    std::string changed = head;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(code(text, changed), ErrorCode::integrity) << bit;
  }
  EXPECT_EQ(code(text, ""), ErrorCode::integrity);
  std::filesystem::remove(path + ".head");
  EXPECT_EQ(check_audit_log(path).error().code, ErrorCode::not_found);
}

TEST_F(AuditLogTest, WhatWasLostWhileNobodyWroteIsTold) {
  append(5);
  const std::string text = folder.read("audit.jsonl");
  std::string shorter = text;
  for (int i = 0; i < 2; ++i) shorter.resize(shorter.rfind('\n', shorter.size() - 2) + 1);
  folder.write("audit.jsonl", shorter);
  {
    auto log = AuditLog::open(path, clock);
    ASSERT_TRUE(log) << log.error().context;
    EXPECT_EQ(log->lost_records(), 2u);
    EXPECT_EQ(log->next_sequence(), 4u);
    ASSERT_TRUE(log->append("start", {{"lost_records", log->lost_records()}}));
  }
  EXPECT_EQ(check_audit_log(path), 4u) << "from here on it is whole again, and says what it lost";
  std::string changed = folder.read("audit.jsonl");
  changed[changed.rfind("\"lost_records\":2") + 15] = '0';
  folder.write("audit.jsonl", changed);
  EXPECT_EQ(AuditLog::open(path, clock)->lost_records(), 1u) << "a changed last line";
}

TEST_F(AuditLogTest, AnUnfinishedLineOfACrashIsCutAndTold) {
  append(2);
  folder.write("audit.jsonl", folder.read("audit.jsonl") + "{\"seq\":3,\"ti");
  auto log = AuditLog::open(path, clock);
  ASSERT_TRUE(log) << log.error().context;
  EXPECT_EQ(log->cut_bytes(), 12u);
  EXPECT_EQ(log->next_sequence(), 3u);
  ASSERT_TRUE(log->append("start"));
  EXPECT_EQ(check_audit_log(path), 3u);
}

TEST_F(AuditLogTest, AFileThatIsNoAuditLogIsLeftAlone) {
  folder.write("audit.jsonl", "something else\n");
  const auto log = AuditLog::open(path, clock);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::malformed);
  EXPECT_EQ(folder.read("audit.jsonl"), "something else\n");
}

TEST_F(AuditLogTest, TextCannotBreakALine) {
  auto log = AuditLog::open(path, clock);
  ASSERT_TRUE(log);
  ASSERT_TRUE(log->append("list_refused", {{"context", "a\n\"b\"\\\xff"}}));
  EXPECT_NE(folder.read("audit.jsonl").find("\"context\":\"a\\u000a\\u0022b\\u0022\\u005c\\u00ff\""),
            std::string::npos);
  EXPECT_EQ(check_audit_log(path), 1u);
}

}  // namespace
}  // namespace parapet::evidence
