// SPDX-License-Identifier: Apache-2.0
// What DPDK's environment is told.
#include <gtest/gtest.h>
#include <algorithm>

#include "edge/eal.h"

namespace parapet::edge {
namespace {

std::string value_after(const std::vector<std::string>& arguments, const std::string& option) {
  const auto at = std::ranges::find(arguments, option);
  return at == arguments.end() || at + 1 == arguments.end() ? "" : *(at + 1);
}
bool has(const std::vector<std::string>& arguments, const std::string& option) {
  return std::ranges::find(arguments, option) != arguments.end();
}

TEST(EalArguments, workers_sit_on_their_cores_and_the_control_thread_elsewhere) {
  const auto arguments = eal_arguments({true, 1024, {2, 3}, {0, 1, 2, 3}, {}});
  EXPECT_EQ(value_after(arguments, "--lcores"), "0@(0,1),1@2,2@3");
  EXPECT_EQ(value_after(arguments, "--main-lcore"), "0");
}

TEST(EalArguments, the_control_thread_shares_the_workers_cores_where_there_are_no_others) {
  EXPECT_EQ(value_after(eal_arguments({true, 1024, {0, 1}, {0, 1}, {}}), "--lcores"), "0@(0,1),1@0,2@1");
}

TEST(EalArguments, nothing_is_left_in_the_file_system) {
  const auto huge = eal_arguments({true, 2048, {1}, {0, 1}, {}});
  EXPECT_TRUE(has(huge, "--in-memory"));
  EXPECT_EQ(value_after(huge, "-m"), "2048");
  const auto ordinary = eal_arguments({false, 512, {1}, {0, 1}, {}});
  EXPECT_TRUE(has(ordinary, "--no-huge"));
  EXPECT_TRUE(has(ordinary, "--no-shconf"));
  EXPECT_FALSE(has(ordinary, "--in-memory"));
}

TEST(EalArguments, no_device_is_touched_that_was_not_named) {
  EXPECT_TRUE(has(eal_arguments({true, 64, {1}, {0, 1}, {}}), "--no-pci"));
  const auto named = eal_arguments({true, 64, {1}, {0, 1}, {"0000:03:00.0"}});
  EXPECT_FALSE(has(named, "--no-pci"));
  EXPECT_EQ(value_after(named, "--allow"), "0000:03:00.0");
}

TEST(EalArguments, a_core_that_is_not_there_is_named) {
  const auto status = start_eal({false, 64, {9}, {0, 1}, {}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(status.error().context.find("CPU 9"), std::string::npos);
}

}  // namespace
}  // namespace parapet::edge
