// SPDX-License-Identifier: Apache-2.0
// The audit log goes on over restarts and shows every later change.
#include "evidence/audit_log.h"

#include <gtest/gtest.h>

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
  ErrorCode check_after(const std::string& text) {
    folder.write("audit.jsonl", text);
    const auto checked = check_audit_log(path);
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
