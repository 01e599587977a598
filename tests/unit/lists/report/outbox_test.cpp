// SPDX-License-Identifier: Apache-2.0
// Reports wait in files of their own, in order, until somebody takes them.
#include "lists/report/outbox.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <filesystem>

#include "temp_folder.h"

namespace parapet::lists {
namespace {

std::string told(const std::vector<WaitingReport>& reports) {
  std::string text;
  for (const auto& each : reports) text += std::to_string(each.number) + " " + std::string(name_of(each.event)) + "; ";
  return text;
}

class OutboxTest : public testing::Test {
 protected:
  support::TempFolder folder;
  Outbox outbox{folder.file("reports/hotline")};
};

TEST_F(OutboxTest, AReportIsAFileForItsOwnerAloneUntilItIsTaken) {
  EXPECT_TRUE(outbox.waiting().empty()) << "there is no folder yet";
  ASSERT_TRUE(outbox.put({3, SuspensionEvent::begun}, "{}\n"));
  const auto path = folder.file("reports/hotline/00000000000000000003-0-begun.json");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(*outbox.read({3, SuspensionEvent::begun}), "{}\n");
  ASSERT_TRUE(outbox.remove({3, SuspensionEvent::begun}));
  EXPECT_TRUE(outbox.waiting().empty());
  EXPECT_EQ(outbox.read({3, SuspensionEvent::begun}).error().code, ErrorCode::not_found);
  EXPECT_TRUE(outbox.remove({3, SuspensionEvent::begun})) << "somebody else took it";
}

TEST_F(OutboxTest, TheOldestIsFirstAndOtherFilesAreNone) {
  for (const auto& [number, event] : {std::pair{12u, SuspensionEvent::begun},
                                      {3u, SuspensionEvent::ended},
                                      {3u, SuspensionEvent::confirmed},
                                      {3u, SuspensionEvent::begun}}) {
    ASSERT_TRUE(outbox.put({number, event}, "{}"));
  }
  for (const char* other :
       {"README", "3-0-begun.json", "00000000000000000004-0-ended.json", "00000000000000000004-0-begun.json.tmp-17"}) {
    folder.write(std::string("reports/hotline/") + other, "x");
  }
  EXPECT_EQ(told(outbox.waiting()), "3 begun; 3 confirmed; 3 ended; 12 begun; ");
}

TEST_F(OutboxTest, HoldsNoMoreThanItsLimit) {
  for (std::uint64_t i = 1; i <= kMaxWaitingReports; ++i) {
    std::filesystem::create_directories(folder.file("reports/hotline"));
    char name[64];
    std::snprintf(name, sizeof name, "reports/hotline/%020llu-0-begun.json", static_cast<unsigned long long>(i));
    folder.write(name, "{}");
  }
  EXPECT_EQ(outbox.put({5000, SuspensionEvent::begun}, "{}").error().code, ErrorCode::limit);
  ASSERT_TRUE(outbox.remove({1, SuspensionEvent::begun}));
  EXPECT_TRUE(outbox.put({5000, SuspensionEvent::begun}, "{}"));
}

}  // namespace
}  // namespace parapet::lists
