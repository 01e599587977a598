// SPDX-License-Identifier: Apache-2.0
// One poll through both children: what the one fetched is what the other reads, and each failure has its name.
#include "lists/update/source_reader.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include "digested.h"
#include "lists/update/fetch_frames.h"
#include "lists/update/read_frames.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::kListKey;

class SourceReaderTest : public testing::Test {
 protected:
  SourceReaderTest() {
    ::signal(SIGPIPE, SIG_IGN);
    request.source.read_deadline_ms = 5000;
    folder.write("fetched", text_of(format_fetch_reply(FeedHead{"\"v1\"", "", 0, 4, true})));
    folder.write("unchanged", text_of(format_fetch_reply(NotModified{})));
    folder.write("list", text_of(format_read_reply(GuardedList{support::digested("a.example.test\n"), {}}, kListKey)));
  }

  // A program that does the one or the other, as its argument says.
  Result<PollReply> run(const std::string& fetching, const std::string& reading) {
    const auto program = folder.write("child",
                                      "#!/bin/sh\ncd '" + folder.file("") + "'\ncase $1 in\n--fetch-source)\n" +
                                          fetching + "\n;;\n--read-source)\n" + reading + "\n;;\nesac\n",
                                      0700);
    auto reply = read_source(program, request, kListKey, stop);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    return reply;
  }

  support::TempFolder folder;
  PollRequest request{
      support::source_named("hotline"), "\"v0\"", "monday", 0, {"/nowhere", "/nowhere/psl", "/nowhere/own"}};
  StopSignal stop = std::move(*StopSignal::make());
};

TEST_F(SourceReaderTest, WhatOneFetchesTheOtherReads) {
  const auto reply =
      run("cat >question; printf feed >&3; cat fetched", "cat >/dev/null; cat /proc/self/fd/3 >read; cat list");
  ASSERT_TRUE(reply) << reply.error().context;
  EXPECT_EQ(std::get<GuardedList>(*reply).list.entries.size(), 1u);
  const auto& findings = std::get<GuardedList>(*reply).findings;
  ASSERT_EQ(findings.size(), 1u) << "guard data that is not there is a finding";
  EXPECT_EQ(findings[0].rule, GuardRule::guard_data);
  EXPECT_EQ(folder.read("read"), "feed");
  EXPECT_NE(folder.read("question").find("\"v0\""), std::string::npos) << "what is held is asked about";
}

TEST_F(SourceReaderTest, TheKeyGoesToTheReaderAlone) {
  ASSERT_TRUE(run("cat >question; cat fetched", "cat >reading; cat list"));
  const auto digits = std::to_string(kListKey.k0);
  EXPECT_EQ(folder.read("question").find(digits), std::string::npos);
  EXPECT_NE(folder.read("reading").find(digits), std::string::npos);
  EXPECT_EQ(folder.read("reading").find("https://"), std::string::npos);
}

TEST_F(SourceReaderTest, TheFeedCannotChangeOnceItIsRead) {
  ASSERT_TRUE(run("cat >/dev/null; printf feed >&3; cat fetched",
                  "cat >/dev/null; printf x >&3 2>/dev/null && echo changed >changed; cat list"));
  EXPECT_FALSE(folder.has("changed"));
}

TEST_F(SourceReaderTest, SealedEntriesComeBackInMemoryThatChangesNoMore) {
  const auto entries = EntriesMemory::create();
  ASSERT_TRUE(entries);
  request.entries = &*entries;
  ASSERT_TRUE(run("cat >/dev/null; readlink /proc/self/fd/* >fetcher_has; cat fetched",
                  "cat >reading; printf sealed >&4; cat list"));
  EXPECT_FALSE(folder.read("fetcher_has").contains("parapet-entries")) << "the fetching child has no such memory";
  EXPECT_TRUE(folder.read("reading").contains(text_of(entries->data_key())));
  char seen[8] = {};
  EXPECT_EQ(::pread(entries->fd(), seen, sizeof seen, 0), 6);
  EXPECT_STREQ(seen, "sealed");
  EXPECT_LT(::pwrite(entries->fd(), "x", 1, 0), 0);
}

TEST_F(SourceReaderTest, NothingIsReadWhereNothingChanged) {
  const auto reply = run("cat >/dev/null; cat unchanged", "echo read >was_read");
  ASSERT_TRUE(reply);
  EXPECT_TRUE(std::holds_alternative<NotModified>(*reply));
  EXPECT_FALSE(folder.has("was_read"));
}

TEST_F(SourceReaderTest, EachChildsDeathIsNamed) {
  EXPECT_EQ(run("exit 3", "").error().context, "the fetching child ended with status 3");
  EXPECT_EQ(run("cat >/dev/null; cat fetched", "kill -SYS $$").error().context,
            "the reading child ended with signal 31");
  EXPECT_EQ(run("cat >/dev/null; echo nonsense", "").error().code, ErrorCode::malformed);
  EXPECT_EQ(run("cat >/dev/null; cat fetched", "cat >/dev/null; echo nonsense").error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace parapet::lists
