// SPDX-License-Identifier: Apache-2.0
// A program started in this sandbox runs, and reaches nothing that it was not given.
#include "lists/update/program_sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <string>

namespace parapet::lists {
namespace {

constexpr const char* kShell = "/usr/bin/dash";
constexpr const char* kReader = "/usr/bin/cat";
constexpr ProgramLimits kLimits{64 << 20, 2};

bool has_landlock() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0; }

// The exit status of the program in the sandbox; -1 where a signal ended it.
template <typename... Words>
int run(const char* program, Words... words) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    if (!enter_program_sandbox(program, kLimits)) ::_exit(99);
    ::execl(program, program, words..., nullptr);
    ::_exit(98);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run_shell(const char* words) { return run(kShell, "-c", words); }

TEST(ProgramSandbox, TheProgramRunsAndReadsMemoryWithoutAName) {
  const int memory = ::memfd_create("given", 0);
  ASSERT_EQ(::write(memory, "word\n", 5), 5);
  const auto path = "/proc/self/fd/" + std::to_string(memory);
  EXPECT_EQ(run(kReader, path.c_str()), 0);
  ::close(memory);
}

TEST(ProgramSandbox, ItStartsNoProcess) { EXPECT_NE(run_shell("(exit 42); test $? = 42 && exit 42; exit 1"), 42); }

TEST(ProgramSandbox, ItOpensNoOtherFileAndStartsNoOtherProgram) {
  if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(run(kReader, "/etc/passwd"), 1);
  EXPECT_EQ(run(kReader, "/proc/self/status"), 1);
  EXPECT_EQ(run_shell("exec /usr/bin/true"), 126) << "found, and not allowed";
}

TEST(ProgramSandbox, NoSocketAndNoSignalToOthers) {
  const auto tries = [](auto act) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(enter_program_sandbox(kShell, kLimits) ? act() : 99);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(tries([] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(tries([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(tries([] { return ::kill(::getppid(), 0) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(tries([] { return ::fork() < 0 ? errno : 0; }), EPERM);
}

TEST(ProgramSandbox, ItsTimeEnds) { EXPECT_EQ(run_shell("while :; do :; done"), -1); }

}  // namespace
}  // namespace parapet::lists
