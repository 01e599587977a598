// SPDX-License-Identifier: Apache-2.0
// Children that misbehave: each way ends in a named error, in time, with no process left.
#include "lists/update/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <csignal>
#include <fstream>

#include "digested.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::kListKey;

class ChildProcessTest : public testing::Test {
 protected:
  ChildProcessTest() { ::signal(SIGPIPE, SIG_IGN); }

  Result<ReadReply> run(std::string_view script, std::uint64_t allowance_ms = 5000) {
    const auto program = folder.write("child", "#!/bin/sh\n" + std::string(script) + "\n", 0700);
    ReadRequest request{support::source_named("hotline"), "/nowhere", "", ""};
    request.source.deadline_ms = 0;
    auto reply = run_child(program, request, kListKey, stop, allowance_ms);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    return reply;
  }
  ErrorCode code_of(std::string_view script, std::uint64_t allowance_ms = 5000) {
    const auto reply = run(script, allowance_ms);
    EXPECT_FALSE(reply);
    return reply ? ErrorCode::invalid_argument : reply.error().code;
  }

  support::TempFolder folder;
  StopSignal stop = std::move(*StopSignal::make());
};

TEST_F(ChildProcessTest, AReplyIsTaken) {
  const auto bytes = format_reply(ReadReply(support::digested("a.example.test\n")), kListKey);
  folder.write("reply", text_of(bytes));
  const auto reply = run("cat > /dev/null; cat '" + folder.file("reply") + "'");
  ASSERT_TRUE(reply) << reply.error().context;
  EXPECT_EQ(std::get<DigestedList>(*reply).entries.size(), 1u);
}

TEST_F(ChildProcessTest, GetsTheRequestAndNothingElse) {
  const auto reply = run("cat > '" + folder.file("request") + "'; env > '" + folder.file("environment") + "'");
  EXPECT_EQ(reply.error().code, ErrorCode::unavailable);
  EXPECT_EQ(folder.read("request").substr(0, 4), "PRQ1");
  EXPECT_EQ(folder.read("environment").find("HOME="), std::string::npos);
}

TEST_F(ChildProcessTest, GarbageIsMalformed) {
  EXPECT_EQ(code_of("cat > /dev/null; echo nonsense"), ErrorCode::malformed);
}

TEST_F(ChildProcessTest, SilenceIsUnavailable) {
  EXPECT_EQ(code_of("cat > /dev/null"), ErrorCode::unavailable);
  EXPECT_EQ(code_of("exit 0"), ErrorCode::unavailable);
}

TEST_F(ChildProcessTest, AFailureIsNamed) {
  EXPECT_EQ(run("cat > /dev/null; exit 3").error().context, "the reading child ended with status 3");
  EXPECT_EQ(run("cat > /dev/null; kill -KILL $$").error().context, "the reading child ended with signal 9");
}

TEST_F(ChildProcessTest, ASlowChildIsKilled) { EXPECT_EQ(code_of("exec sleep 60", 200), ErrorCode::timeout); }

TEST_F(ChildProcessTest, AnEndlessOneIsKilled) { EXPECT_EQ(code_of("exec cat /dev/zero", 700), ErrorCode::timeout); }

TEST_F(ChildProcessTest, StoppingEndsIt) {
  stop.raise();
  EXPECT_EQ(code_of("exec sleep 60"), ErrorCode::unavailable);
  EXPECT_TRUE(stop.raised());
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereIsNamed) {
  const ReadRequest request{support::source_named("hotline"), "/nowhere", "", ""};
  EXPECT_EQ(run_child(folder.file("missing"), request, kListKey, stop).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace parapet::lists
