// SPDX-License-Identifier: Apache-2.0
// Children that misbehave: each way ends in a named error, in time, with no process left.
#include "lists/update/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <csignal>
#include <fstream>

#include "lists/update/feed_memory.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  ChildProcessTest() { ::signal(SIGPIPE, SIG_IGN); }

  Result<std::vector<std::uint8_t>> run(std::string_view script, std::uint64_t allowance_ms = 5000) {
    const auto program = folder.write("child", "#!/bin/sh\n" + std::string(script) + "\n", 0700);
    auto reply = run_program(program, allowance_ms);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    return reply;
  }
  Result<std::vector<std::uint8_t>> run_program(const std::string& program, std::uint64_t allowance_ms = 5000) {
    return run_child({.program = program,
                      .argument = "--so",
                      .name = "small",
                      .request = bytes_of(std::string_view("request")),
                      .feed_fd = memory.fd(),
                      .allowance_ms = allowance_ms,
                      .max_reply = 1 << 20},
                     stop);
  }
  ErrorCode code_of(std::string_view script, std::uint64_t allowance_ms = 5000) {
    const auto reply = run(script, allowance_ms);
    EXPECT_FALSE(reply);
    return reply ? ErrorCode::invalid_argument : reply.error().code;
  }

  FeedMemory memory = std::move(*FeedMemory::create());
  support::TempFolder folder;
  StopSignal stop = std::move(*StopSignal::make());
};

TEST_F(ChildProcessTest, AReplyIsTaken) {
  const auto reply = run("cat > /dev/null; echo done");
  ASSERT_TRUE(reply) << reply.error().context;
  EXPECT_EQ(text_of(*reply), "done\n");
}

TEST_F(ChildProcessTest, GetsTheRequestTheFeedAndNothingElse) {
  ASSERT_TRUE(run("cat > '" + folder.file("request") + "'; env > '" + folder.file("environment") + "'; echo $1 > '" +
                  folder.file("argument") + "'; printf feed >&3; echo done"));
  EXPECT_EQ(folder.read("request"), "request");
  EXPECT_EQ(folder.read("argument"), "--so\n");
  EXPECT_EQ(folder.read("environment").find("HOME="), std::string::npos);
  const auto feed = read_feed_bytes(memory.fd(), 4);
  ASSERT_TRUE(feed);
  EXPECT_EQ(text_of(*feed), "feed");
  EXPECT_EQ(read_feed_bytes(memory.fd(), 3).error().code, ErrorCode::limit);
}

TEST_F(ChildProcessTest, SilenceIsUnavailable) {
  EXPECT_EQ(code_of("cat > /dev/null"), ErrorCode::unavailable);
  EXPECT_EQ(code_of("exit 0"), ErrorCode::unavailable);
}

TEST_F(ChildProcessTest, AFailureIsNamed) {
  EXPECT_EQ(run("cat > /dev/null; exit 3").error().context, "the small child ended with status 3");
  EXPECT_EQ(run("cat > /dev/null; kill -KILL $$").error().context, "the small child ended with signal 9");
}

TEST_F(ChildProcessTest, ASlowChildIsKilled) { EXPECT_EQ(code_of("exec sleep 60", 200), ErrorCode::timeout); }

TEST_F(ChildProcessTest, AnEndlessOneIsKilled) { EXPECT_EQ(code_of("exec cat /dev/zero"), ErrorCode::limit); }

TEST_F(ChildProcessTest, StoppingEndsIt) {
  stop.raise();
  EXPECT_EQ(code_of("exec sleep 60"), ErrorCode::unavailable);
  EXPECT_TRUE(stop.raised());
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereIsNamed) {
  EXPECT_EQ(run_program(folder.file("missing")).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace parapet::lists
