// SPDX-License-Identifier: Apache-2.0
// When the whole list is asked for, and what becomes of the sealed entries of an increment.
#include "updater_fixture.h"

namespace parapet::lists {
namespace {

class UpdaterIncrementsTest : public UpdaterTest {
 protected:
  UpdaterIncrementsTest() {
    options.sources[0].increments = true;
    options.sources[0].full_url = "https://hotline.example.test/full";
    says["hotline whole"] = PollReply(whole(5, "a.example.test\nb.example.test\n"));
    says["hotline"] = PollReply(change(6, 5, "c.example.test\n", "a.example.test\n"));
  }
  static GuardedList whole(std::uint64_t version, std::string_view text) {
    auto made = guarded(text);
    made.list.place.version = version;
    made.list.etag = "\"whole\"";
    return made;
  }
  static GuardedList change(std::uint64_t version, std::uint64_t base, std::string_view added,
                            std::string_view removed) {
    auto made = whole(version, added.empty() ? "none.example.test\n" : added);
    if (added.empty()) made.list.entries.clear();
    made.list.etag = "\"change\"";
    made.increment.emplace();
    made.increment->base = base;
    if (!removed.empty()) made.increment->removed = digested(removed).entries;
    return made;
  }
  Lines asked() const {
    Lines lines;
    for (const auto& request : requests) {
      lines.push_back((request.source.url == request.source.full_url ? "whole " : "change ") + request.etag);
    }
    return lines;
  }
};

TEST_F(UpdaterIncrementsTest, TheFirstListIsAskedForWholeAndThenItsChanges) {
  EXPECT_EQ(run_once(), (Lines{"accepted hotline 1", "published 1"}));
  EXPECT_EQ(asked(), Lines{"whole "});
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "accepted hotline 2", "published 2"}));
  EXPECT_EQ(status.sources[0].entries, 2u);
  run_once();
  EXPECT_EQ(asked(), (Lines{"whole ", "change ", "change \"change\""})) << "a whole list's marks are of another place";
}

TEST_F(UpdaterIncrementsTest, AGapIsToldAndMended) {
  run_once();
  says["hotline"] = PollReply(change(9, 8, "d.example.test\n", ""));
  says["hotline whole"] = PollReply(whole(9, "a.example.test\nb.example.test\nd.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused", "accepted hotline 2", "published 2"}));
  EXPECT_EQ(status.sources[0].failures, 0u);
  EXPECT_EQ(status.sources[0].entries, 3u);
}

TEST_F(UpdaterIncrementsTest, ABaseThatIsAnotherThanTheSourcesIsMendedToo) {
  run_once();
  says["hotline"] = PollReply(change(6, 5, "", "nowhere.example.test\n"));
  says["hotline whole"] = PollReply(whole(6, "a.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused", "accepted hotline 2", "published 2"}));
}

TEST_F(UpdaterIncrementsTest, WithoutAPlaceForTheWholeListAGapIsAFailure) {
  run_once();
  options.sources[0].full_url.clear();
  says["hotline"] = PollReply(change(9, 8, "d.example.test\n", ""));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"}));
  EXPECT_EQ(status.sources[0].failures, 1u);
  EXPECT_EQ(status.sources[0].entries, 2u) << "the last good list stays";
}

TEST_F(UpdaterIncrementsTest, AWholeListThatIsAnIncrementIsRefusedOnce) {
  says["hotline whole"] = PollReply(change(9, 8, "d.example.test\n", ""));
  EXPECT_EQ(run_once(), Lines{"refused hotline refused"});
  EXPECT_EQ(asked(), Lines{"whole "});
}

TEST_F(UpdaterIncrementsTest, TheArchiveGetsTheWholeList) {
  open_archive();
  run_once();
  said_in_clear = "joined";
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "accepted hotline 2", "published 2"}));
  EXPECT_EQ(joined, Lines{"hotline 1 without 2"});
  EXPECT_EQ(archive->find("hotline", EntryId{5})->entry.canonical_text, "joined");
  EXPECT_EQ(archive->find("hotline", EntryId{5})->number, 2u);
  run_once();
  EXPECT_EQ(joined.size(), 1u) << "what comes again is not joined again";
}

TEST_F(UpdaterIncrementsTest, WhereTheBaseIsNotArchivedTheWholeListIsAskedFor) {
  run_once();
  open_archive();
  says["hotline whole"] = PollReply(whole(5, "a.example.test\nb.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "unchanged hotline"}));
  EXPECT_EQ(asked().back(), "whole ");
  EXPECT_TRUE(archive->has({"hotline", 1}));
}

}  // namespace
}  // namespace parapet::lists
