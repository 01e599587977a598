// SPDX-License-Identifier: Apache-2.0
// The loop: what a source says becomes what is published, and failures change nothing.
#include "updater_fixture.h"

namespace parapet::lists {
namespace {

TEST_F(UpdaterTest, AFirstListIsKeptAndPublished) {
  EXPECT_EQ(run_once(), (Lines{"accepted hotline 1", "published 1"}));
  EXPECT_EQ(status.published.generation, 1u);
  EXPECT_EQ(status.sources[0].entries, 1u);
  EXPECT_NE(status.sources[0].last_success_realtime_ns, 0u);
  EXPECT_TRUE(std::filesystem::exists(folder.file("snapshot")));
}

TEST_F(UpdaterTest, ARestartLoadsTheLastGoodListAndPublishesNothing) {
  auto list = digested("a.example.test\n");
  list.etag = "\"v1\"";
  says["hotline"] = PollReply(GuardedList{list, {}});
  run_once();
  says["hotline"] = PollReply(NotModified{});
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "unchanged hotline"}));
  EXPECT_EQ(requests.back().etag, "\"v1\"");
  EXPECT_EQ(status.published.generation, 1u);
  EXPECT_TRUE(status.sources[0].etag_known);
}

TEST_F(UpdaterTest, AFailureChangesNothing) {
  run_once();
  const auto before = folder.read("snapshot");
  says["hotline"] = fail(ErrorCode::timeout, "too slow");
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline timeout"}));
  EXPECT_EQ(folder.read("snapshot"), before);
  EXPECT_EQ(status.sources[0].error_code, "timeout");
  EXPECT_EQ(status.sources[0].failures_in_a_row, 1u);
  EXPECT_EQ(status.sources[0].entries, 1u);
}

TEST_F(UpdaterTest, AChangeIsPublished) {
  run_once();
  says["hotline"] = PollReply(guarded("a.example.test\nb.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "accepted hotline 2", "published 2"}));
}

TEST_F(UpdaterTest, EachAcceptedVersionIsArchived) {
  open_archive();
  run_once();
  EXPECT_EQ(archive->find("hotline", EntryId{5})->entry.canonical_text, "host:a.example.test");
  said_in_clear = "host:b.example.test";
  run_once();
  EXPECT_EQ(archive->numbers_of("hotline"), (std::vector<std::uint64_t>{1})) << "an unchanged list is archived already";
  EXPECT_EQ(archive->find("hotline", EntryId{5})->entry.canonical_text, "host:a.example.test");
  says["hotline"] = PollReply(guarded("b.example.test\n"));
  run_once();
  const auto found = archive->find("hotline", EntryId{5});
  EXPECT_EQ(found->number, 2u);
  EXPECT_EQ(found->entry.canonical_text, "host:b.example.test");
  EXPECT_FALSE(folder.read("state/archive/hotline/2").contains("example"));
}

TEST_F(UpdaterTest, ARefusedListLeavesNothingInTheArchive) {
  open_archive();
  run_once();
  says["hotline"] = fail(ErrorCode::malformed, "a wrong line");
  run_once();
  EXPECT_EQ(archive->numbers_of("hotline"), (std::vector<std::uint64_t>{1}));
  folder.write("state/archive/hotline/2", "sealed, and then parapetd died before it put the list in force");
  run_once();
  EXPECT_EQ(archive->numbers_of("hotline"), (std::vector<std::uint64_t>{1}));
}

TEST_F(UpdaterTest, AListHeldFromBeforeTheArchiveIsAskedForOnceMore) {
  auto list = digested("a.example.test\n");
  list.etag = "\"v1\"";
  says["hotline"] = PollReply(GuardedList{list, {}});
  run_once();
  open_archive();
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "unchanged hotline"}));
  EXPECT_EQ(requests.back().etag, "");
  EXPECT_TRUE(archive->find("hotline", EntryId{5}));
  says["hotline"] = PollReply(NotModified{});
  run_once();
  EXPECT_EQ(requests.back().etag, "\"v1\"");
}

TEST_F(UpdaterTest, WhatCannotBeArchivedIsNotPutInForce) {
  open_archive();
  folder.write("state/archive/hotline", "a file where a folder should be");
  EXPECT_EQ(run_once().size(), 1u);
  EXPECT_TRUE(status.sources[0].error_context.starts_with("archive: ")) << status.sources[0].error_context;
  EXPECT_EQ(status.sources[0].entries, 0u);
}

// Of a source that signs, with this time and number of its signer.
GuardedList signed_list(std::string_view text, std::uint64_t realtime_ns, std::uint64_t sequence = 0) {
  auto list = digested(text);
  list.signed_order = {realtime_ns, sequence};
  list.signing_key.fill(1);
  return {std::move(list), {}};
}

TEST_F(UpdaterTest, AnOldSignedListDoesNotComeBack) {
  options.sources[0].keys = {{"k", "RW"}};
  says["hotline"] = PollReply(signed_list("a.example.test\n", 50));
  run_once();
  const auto before = folder.read("snapshot");
  says["hotline"] = PollReply(signed_list("old.example.test\n", 49));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"})) << "rolled back, over a restart";
  says["hotline"] = PollReply(signed_list("other.example.test\n", 50));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"})) << "another list of the same time";
  says["hotline"] = PollReply(guarded("unsigned.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"}));
  EXPECT_EQ(folder.read("snapshot"), before);
  says["hotline"] = PollReply(signed_list("a.example.test\n", 60));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "unchanged hotline"})) << "signed anew";
  says["hotline"] = PollReply(signed_list("b.example.test\n", 55));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"})) << "the new signature's time counts";
  says["hotline"] = PollReply(signed_list("b.example.test\n", 61));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "accepted hotline 2", "published 2"}));
}

TEST_F(UpdaterTest, ASourceWhoseKeysWereTakenAwayMaySendUnsignedLists) {
  options.sources[0].keys = {{"k", "RW"}};
  says["hotline"] = PollReply(signed_list("a.example.test\n", 50));
  run_once();
  options.sources[0].keys.clear();
  says["hotline"] = PollReply(guarded("b.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "accepted hotline 2", "published 2"}));
}

TEST_F(UpdaterTest, TimeNeverFallsBehindTheNewestSignature) {
  options.sources[0].keys = {{"k", "RW"}};
  const Nanoseconds ahead = clock.realtime_ns() + 3600 * kNanosecondsPerSecond;
  says["hotline"] = PollReply(signed_list("a.example.test\n", ahead));
  run_once();
  EXPECT_LT(requests.back().trusted_now_realtime_ns, ahead);
  run_once();
  EXPECT_GE(requests.back().trusted_now_realtime_ns, ahead);
}

TEST_F(UpdaterTest, ASourceTurnedOffLeavesTheSnapshot) {
  run_once();
  options.sources[0].state = config::SourceState::off;
  EXPECT_EQ(run_once(), (Lines{"published 2"}));
}

TEST_F(UpdaterTest, ACrashBetweenKeepingAndPublishingIsMadeGood) {
  run_once();
  {
    const auto store = SourceStore::open(options.state_directory, kListKey);
    ASSERT_TRUE(store->store(digested("b.example.test\n")));
  }
  says["hotline"] = PollReply(NotModified{});
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "published 2", "unchanged hotline"}));
}

TEST_F(UpdaterTest, ALostListHoldsPublicationUntilItsSourceAnswers) {
  options.sources.push_back(support::source_named("police"));
  options.sources.back().poll_interval_ms = 60'000;
  says["police"] = PollReply(guarded("p.example.test\n", "police"));
  run_once();
  const auto before = folder.read("snapshot");
  folder.write("state/lists/police", "rubbish");
  says["hotline"] = PollReply(guarded("b.example.test\n"));
  says["police"] = fail(ErrorCode::unavailable, "away");
  const auto lines = run_once();
  EXPECT_EQ(std::ranges::count(lines, "publication held police"), 3) << testing::PrintToString(lines);
  EXPECT_EQ(folder.read("snapshot"), before);
  says["police"] = PollReply(guarded("p.example.test\n", "police"));
  says["hotline"] = PollReply(NotModified{});
  run_once();
  EXPECT_NE(folder.read("snapshot"), before);
}

TEST_F(UpdaterTest, NotModifiedWithoutAVersionIsRefused) {
  says["hotline"] = PollReply(NotModified{});
  EXPECT_EQ(run_once(), (Lines{"refused hotline malformed"}));
  EXPECT_FALSE(std::filesystem::exists(folder.file("snapshot")));
}

TEST_F(UpdaterTest, AnotherKeyMakesTheSourceBeAskedAnew) {
  run_once();
  folder.write("state/lists/hotline", text_of(format_digested_list(digested("a.example.test\n"), digest::Key{1, 2})));
  says["hotline"] = PollReply(guarded("a.example.test\n"));
  const auto lines = run_once();
  EXPECT_EQ(lines.front(), "refused hotline integrity");
  EXPECT_TRUE(requests.back().etag.empty());
}

// The snapshot's word on when the only list becomes shadow.
std::uint32_t published_shadow_from(const support::TempFolder& folder, const Clock& clock) {
  const auto published = Publisher(folder.file("snapshot"), folder.file("generation"), kListKey, clock).published();
  return published ? published->shadow_from_s.at(0) : 0;
}

TEST_F(UpdaterTest, AConfirmationPutsShadowOffAndARestartDoesNotForgetIt) {
  options.sources[0].standing.max_stale_s = 86'400;
  options.sources[0].standing.is_shadow_when_stale = true;
  auto old = digested("a.example.test\n");
  old.fetched_realtime_ns = clock.realtime_ns() - 90'000 * kNanosecondsPerSecond;
  ASSERT_TRUE(SourceStore::open(options.state_directory, kListKey)->store(old));
  const auto now_s = clock.realtime_ns() / kNanosecondsPerSecond;
  says["hotline"] = fail(ErrorCode::timeout, "too slow");
  run_once();
  EXPECT_LE(published_shadow_from(folder, clock), now_s - 3000) << "stale already";
  EXPECT_TRUE(status.sources[0].is_stale);
  says["hotline"] = PollReply(NotModified{});
  run_once();
  const auto confirmed = published_shadow_from(folder, clock);
  EXPECT_GE(confirmed, now_s + 86'400 - 10'800);
  EXPECT_FALSE(status.sources[0].is_stale);
  says["hotline"] = fail(ErrorCode::timeout, "too slow");
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline timeout"}));
  EXPECT_EQ(published_shadow_from(folder, clock), confirmed);
}

TEST_F(UpdaterTest, WaitsForTheEdgeToApply) {
  auto updater = make();
  updater->load();
  updater->run();
  ASSERT_TRUE(updater->wait_for_first_attempts_ms(10'000));
  applied_generation = 1;
  const Nanoseconds end = clock.monotonic_ns() + 10 * kNanosecondsPerSecond;
  while (!journal.saw("applied 1") && clock.monotonic_ns() < end) std::this_thread::yield();
  EXPECT_TRUE(journal.saw("applied 1"));
}

TEST(PauseAfter, GrowsWithFailuresUpToTenTimes) {
  EXPECT_EQ(pause_after(500, 0, 12345), 500u);
  EXPECT_EQ(pause_after(100, 2, 0), 200u);
  EXPECT_EQ(pause_after(100, 3, 0), 400u);
  EXPECT_EQ(pause_after(100, 50, 7), 1000u);
  std::set<std::uint64_t> seen;
  for (std::uint64_t random = 0; random < 100'000; random += 77) {
    const auto pause = pause_after(300'000, 0, random);
    EXPECT_GE(pause, 270'000u);
    EXPECT_LE(pause, 330'000u);
    seen.insert(pause);
  }
  EXPECT_GT(seen.size(), 500u);
  EXPECT_LE(pause_after(600'000, 9, 1'000'000'007), 3'960'000u);
  EXPECT_LE(pause_after(86'400'000, 9, 1'000'000'007), 95'040'000u);
}

}  // namespace
}  // namespace parapet::lists
