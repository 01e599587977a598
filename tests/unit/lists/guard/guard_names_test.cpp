// SPDX-License-Identifier: Apache-2.0
// Guard data: read, dated, and missed when it is not there.
#include "lists/guard/guard_names.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>

#include "temp_folder.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kLoadedAt = 1'795'867'200 * kNanosecondsPerSecond;  // 2026-11-28

class GuardNamesTest : public testing::Test {
 protected:
  GuardNamesTest() {
    for (const std::string name : {"top_sites.txt", "shared_hosts.txt", "resolvers.txt", "hotlines.txt",
                                   "certificates.txt", "special_use.txt"}) {
      folder.write(name, "# as of: 2026-11-01\nname.example.test\n");
    }
    folder.write("psl", "// VERSION: 2026-11-01_12-00-00_UTC\ntest\n");
    folder.write("own", "# as of: 2026-11-01\nisp.test\n");
  }
  std::vector<std::string> problems(Nanoseconds now = kLoadedAt) {
    return load_guard_names({folder.path(), folder.file("psl"), folder.file("own")}, now).problems;
  }
  support::TempFolder folder;
};

TEST_F(GuardNamesTest, AllOfItIsRead) {
  const auto names = load_guard_names({folder.path(), folder.file("psl"), folder.file("own")}, kLoadedAt);
  EXPECT_TRUE(names.problems.empty());
  EXPECT_EQ(names.files.size(), 8u);
}

TEST_F(GuardNamesTest, TheFilesInConfAreRead) {
  const auto names = load_guard_names({PARAPET_ROOT "/conf/guard", folder.file("psl"), folder.file("own")}, kLoadedAt);
  EXPECT_EQ(names.problems, std::vector<std::string>{});
  EXPECT_EQ(names.files.size(), 8u);
}

TEST_F(GuardNamesTest, AFileThatIsMissingIsToldByItsPath) {
  std::filesystem::remove(folder.file("top_sites.txt"));
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_NE(problems()[0].find(folder.file("top_sites.txt")), std::string::npos);
}

TEST_F(GuardNamesTest, AFileWithoutANameIsEmpty) {
  folder.write("own", "# as of: 2026-11-01\n\n# isp.test\n");
  folder.write("psl", "// VERSION: 2026-11-01_12-00-00_UTC\n// test\n");
  EXPECT_EQ(problems(),
            (std::vector<std::string>{folder.file("psl") + " holds no name", folder.file("own") + " holds no name"}));
}

TEST_F(GuardNamesTest, AFileOfNinetyDaysIsTooOldAndOneOfEightyNineIsNot) {
  folder.write("top_sites.txt", "# as of: 2026-08-31\nname.example.test\n");
  EXPECT_TRUE(problems().empty());
  folder.write("top_sites.txt", "# as of: 2026-08-29\nname.example.test\n");
  EXPECT_EQ(problems(), (std::vector<std::string>{folder.file("top_sites.txt") + " is more than 90 days old"}));
}

TEST_F(GuardNamesTest, WithoutADateTheFilesOwnTimeCounts) {
  folder.write("own", "isp.test\n");
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::days(91);
  std::filesystem::last_write_time(folder.file("own"), long_ago);
  SystemClock clock;
  folder.write("fresh", "isp.test\n");
  const auto seen = load_guard_names({folder.path(), folder.file("psl"), folder.file("own")}, clock.realtime_ns());
  EXPECT_EQ(std::ranges::count(seen.problems, folder.file("own") + " is more than 90 days old"), 1);
  const auto fresh = load_guard_names({folder.path(), folder.file("psl"), folder.file("fresh")}, clock.realtime_ns());
  for (const auto& problem : fresh.problems) EXPECT_EQ(problem.find(folder.file("fresh")), std::string::npos);
}

TEST_F(GuardNamesTest, ALineThatIsNoNameIsToldByItsNumber) {
  folder.write("resolvers.txt", "# as of: 2026-11-01\ngood.test\nbad..test\n");
  EXPECT_EQ(problems(), (std::vector<std::string>{folder.file("resolvers.txt") + ": line 3 is no host name"}));
}

TEST_F(GuardNamesTest, RanksAndCommentsAreLeftOut) {
  const auto names = parse_guard_file("# title\r\n1,Big.Example.Test\r\nsmall.test # a note\n\n");
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (std::vector<std::string>{"big.example.test", "small.test"}));
}

}  // namespace
}  // namespace parapet::lists
