// SPDX-License-Identifier: Apache-2.0
// What parapetd hands to its joining child, what it takes back, and what the child makes of it.
#include "lists/update/entry_joiner.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <fstream>
#include <iterator>

#include "lists/archive/sealed_stream.h"
#include "lists/update/feed_memory.h"
#include "lists/update/join_frames.h"
#include "lists/update/joining_child.h"
#include "sealed_list.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using Texts = std::vector<std::string>;

// Started as the joining child, this program is one: no test runs then.
[[maybe_unused]] const bool kIsTested = [] {
  std::ifstream in("/proc/self/cmdline");
  const std::string arguments{std::istreambuf_iterator<char>(in), {}};
  const bool is_child = arguments.ends_with(std::string(kJoiningChildArgument) + '\0');
  if (is_child) ::_exit(run_joining_child());
  return true;
}();

TEST(JoinFrames, AreReadBackAndCutOnesAreRefused) {
  const std::vector<std::uint8_t> key(32, 1), other(32, 2), third(32, 3);
  const auto bytes = format_join_question({5, 6, key, other, third});
  const auto back = parse_join_question(bytes);
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->base_bytes, 5u);
  EXPECT_EQ(back->added_bytes, 6u);
  EXPECT_EQ(back->joined_key, third);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_join_question(ByteView(bytes).first(size))) << size;
  }
  EXPECT_FALSE(parse_join_question(format_join_question({5, 6, key, {}, third})));
  EXPECT_TRUE(parse_join_reply(format_join_reply({})));
  const auto error = parse_join_reply(format_join_reply(fail(ErrorCode::limit, "too much")));
  EXPECT_EQ(error.error().code, ErrorCode::limit);
  EXPECT_EQ(error.error().context, "too much");
  for (const char* reply : {"", "PJR1", "PJR1\x02", "PJR1\x01 "}) EXPECT_FALSE(parse_join_reply(bytes_of(reply)));
}

class EntryJoinerTest : public testing::Test {
 protected:
  EntryJoinerTest() {
    ::signal(SIGPIPE, SIG_IGN);
    put(3, {{1, 1, "host:a.test"}, {2, 2, "host:b.test"}, {1, 3, "host:a.test"}, {3, 4, "host:c.test"}});
  }
  void put(std::uint64_t number, const std::vector<support::ClearEntry>& entries) {
    const auto key = support::key_bytes(100);
    const auto memory = support::memory_with(support::sealed_stream(key, entries));
    ASSERT_TRUE(archive.keep({"hotline", number}, 7, key, memory.get()));
  }
  static EntriesMemory added(const std::vector<support::ClearEntry>& entries) {
    auto memory = std::move(*EntriesMemory::create());
    const auto stream = support::sealed_stream(memory.data_key(), entries);
    EXPECT_EQ(::write(memory.fd(), stream.data(), stream.size()), static_cast<ssize_t>(stream.size()));
    EXPECT_TRUE(memory.seal());
    return memory;
  }
  Result<EntriesMemory> join(const EntriesMemory& more, std::vector<EntryId> left_out, std::uint64_t base = 3) {
    return join_entries("/proc/self/exe", {&archive, {"hotline", base}, &more, std::move(left_out), 5000}, stop);
  }
  static Texts texts_of(const EntriesMemory& memory) {
    Texts texts;
    const auto bytes = read_feed_bytes(memory.fd(), 1 << 30);
    EXPECT_TRUE(walk_sealed_stream(*bytes, memory.data_key(), [&](EntryId, std::uint64_t line, std::string_view text) {
      texts.push_back(std::to_string(line) + " " + std::string(text));
    }));
    return texts;
  }

  support::TempFolder folder;
  Archive archive = std::move(*Archive::open(folder.path(), support::archive_keys(1)));
  StopSignal stop = std::move(*StopSignal::make());
};

TEST_F(EntryJoinerTest, TheWholeListIsTheBaseWithoutSomeAndTheIncrement) {
  const auto joined = join(added({{4, 1, "host:d.test"}, {3, 2, "host:c.test"}}), {EntryId{1}, EntryId{3}, EntryId{4}});
  ASSERT_TRUE(joined) << joined.error().context;
  EXPECT_EQ(texts_of(*joined), (Texts{"2 host:b.test", "1 host:d.test", "2 host:c.test"}));
}

TEST_F(EntryJoinerTest, ManyChunksAreJoined) {
  std::vector<support::ClearEntry> many;
  for (std::uint64_t i = 0; i < 5000; ++i) many.push_back({i, i, std::string(100, 'x') + std::to_string(i)});
  put(4, many);
  const auto joined = join(added(many), {EntryId{17}}, 4);
  ASSERT_TRUE(joined) << joined.error().context;
  EXPECT_EQ(texts_of(*joined).size(), 9999u);
}

TEST_F(EntryJoinerTest, ABaseThatIsNotKeptOrDamagedIsAnError) {
  EXPECT_EQ(join(added({}), {}, 9).error().code, ErrorCode::not_found);
  auto bytes = folder.read("archive/hotline/3");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  folder.write("archive/hotline/3", bytes);
  const auto joined = join(added({}), {});
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, ErrorCode::integrity);
  EXPECT_TRUE(joined.error().context.starts_with("the base: archive: chunk 1 ")) << joined.error().context;
}

TEST_F(EntryJoinerTest, AnIncrementThatABrokenReaderSealedIsAnError) {
  auto memory = std::move(*EntriesMemory::create());
  const std::vector<std::uint8_t> noise(500, 9);
  ASSERT_EQ(::write(memory.fd(), noise.data(), noise.size()), 500);
  const auto joined = join(memory, {});
  ASSERT_FALSE(joined);
  EXPECT_TRUE(joined.error().context.starts_with("the increment: archive: ")) << joined.error().context;
}

}  // namespace
}  // namespace parapet::lists
