// SPDX-License-Identifier: Apache-2.0
// What the reading child can no longer do ends it; what it needs still goes.
#include "lists/update/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <vector>

#include "rounds.h"

namespace parapet::lists {
namespace {

constexpr SandboxLimits kSandboxLimits{64 << 20, 2};
constexpr int kWentOn = 42;

// In a process of its own: enters, does it, and ends with kWentOn if it still can.
template <typename Act>
[[noreturn]] void do_inside(Act act, const SandboxLimits& limits = kSandboxLimits) {
  if (!enter_sandbox(limits)) ::_exit(1);
  act();
  ::_exit(kWentOn);
}

#define EXPECT_KILLED(act) \
  EXPECT_EXIT(do_inside([] { [[maybe_unused]] const auto result = (act); }), testing::KilledBySignal(SIGSYS), "")

TEST(SandboxDeathTest, NoNetworkNoFileNoProcess) {
  EXPECT_KILLED(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_KILLED(::socket(AF_UNIX, SOCK_STREAM, 0));
  EXPECT_KILLED(::mkdir("/nowhere", 0700));
  EXPECT_KILLED(::execl("/bin/true", "true", nullptr));
  EXPECT_KILLED(::kill(1, 0));
  EXPECT_KILLED(::setuid(0));
  if (support::kIsWatched) GTEST_SKIP() << "a sanitizer itself needs files, processes and memory of any kind";
  EXPECT_KILLED(::open("/dev/null", O_RDONLY));
  EXPECT_KILLED(::fork());
  EXPECT_KILLED(::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

TEST(SandboxDeathTest, WhatReadingNeedsStillGoes) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const auto reads_and_allocates = [&] {
    std::vector<std::vector<char>> blocks;
    for (std::size_t size = 1; size < (8U << 20); size *= 2) blocks.emplace_back(size, 'x');
    blocks.clear();
    char byte = 'y';
    if (::write(pipe_ends[1], &byte, 1) != 1 || ::read(pipe_ends[0], &byte, 1) != 1 || byte != 'y') ::_exit(2);
  };
  EXPECT_EXIT(do_inside(reads_and_allocates), testing::ExitedWithCode(kWentOn), "");
}

TEST(SandboxDeathTest, WhatIsWrittenEnds) {
  const int memory = ::memfd_create("written", 0);
  const auto writes = [&] {
    const char bytes[4096] = {};
    ::lseek(memory, 0, SEEK_SET);  // the processes share it
    for (int i = 0; i < 3; ++i) {
      if (::write(memory, bytes, sizeof bytes) < 0) ::_exit(1);
    }
  };
  EXPECT_EXIT(do_inside(writes, {64 << 20, 2, 3 * 4096}), testing::ExitedWithCode(kWentOn), "");
  EXPECT_EXIT(do_inside(writes, {64 << 20, 2, 2 * 4096}), testing::KilledBySignal(SIGXFSZ), "");
  EXPECT_EXIT(do_inside(writes, {64 << 20, 2}), testing::KilledBySignal(SIGXFSZ), "");
}

TEST(SandboxDeathTest, MemoryAndTimeEnd) {
  const auto takes_time = [] {
    for (volatile bool on = true; on;) {
    }
  };
  EXPECT_EXIT(do_inside(takes_time, {64 << 20, 1}), testing::KilledBySignal(SIGKILL), "");
  if (support::kIsWatched) GTEST_SKIP() << "a sanitizer reserves more memory than any limit";
  const auto takes_memory = [] {
    try {
      std::vector<char> much(256U << 20, 'x');
    } catch (const std::bad_alloc&) {
      ::_exit(43);
    }
  };
  EXPECT_EXIT(do_inside(takes_memory), testing::ExitedWithCode(43), "");
}

}  // namespace
}  // namespace parapet::lists
