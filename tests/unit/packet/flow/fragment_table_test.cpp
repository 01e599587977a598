// SPDX-License-Identifier: Apache-2.0
// Datagrams in fragments: in any order, bounded, and none that overlaps.
#include "packet/flow/fragment_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "support_bytes.h"

namespace parapet::packet {
namespace {

using support::Bytes;

constexpr Tick kTimeout = tick_of(30 * kNanosecondsPerSecond);

class Fragments : public testing::Test {
 protected:
  explicit Fragments(std::uint32_t datagrams = 8, std::uint32_t blocks = 256)
      : table_(std::move(*FragmentTable::create({datagrams, blocks, kTimeout}))), blocks_(blocks) {}

  FragmentTable::Taken take(std::uint64_t hash, std::size_t offset, ByteView data, bool more, std::uint64_t source = 1,
                            std::uint32_t path = 0) {
    const FragmentPart part{1, static_cast<std::uint16_t>(offset), 20,
                            offset == 0 ? std::uint8_t{17} : std::uint8_t{99}, more};
    return table_.take({hash, source << 32, part, data, path}, now_);
  }
  FragmentOutcome outcome(std::uint64_t hash, std::size_t offset, ByteView data, bool more) {
    return take(hash, offset, data, more).outcome;
  }
  void expect_clean() {
    EXPECT_EQ(table_.free_blocks(), blocks_);
    EXPECT_EQ(table_.open_datagrams(), 0u);
    const ByteView memory = table_.memory();
    EXPECT_TRUE(std::all_of(memory.begin(), memory.end(), [](std::uint8_t byte) { return byte == 0; })) << "wiped";
  }

  FragmentTable table_;
  std::uint32_t blocks_;
  Tick now_ = 1000;
};

Bytes pattern(std::size_t length) {
  Bytes bytes(length);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

TEST_F(Fragments, InEveryOrderGiveTheDatagram) {
  const Bytes whole = pattern(3000);
  std::vector<std::size_t> edges{0, 8, 1024, 1032, 2048, 2960, 3000}, order(edges.size() - 1);
  std::iota(order.begin(), order.end(), 0u);
  std::uint64_t hash = 5;
  do {
    ++hash;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t begin = edges[order[i]], end = edges[order[i] + 1];
      const auto taken = take(hash, begin, ByteView{whole}.subspan(begin, end - begin), end != whole.size());
      ASSERT_EQ(taken.outcome, i + 1 == order.size() ? FragmentOutcome::whole : FragmentOutcome::kept);
      if (taken.outcome != FragmentOutcome::whole) continue;
      Bytes read(table_.length(taken.datagram));
      table_.read(taken.datagram, read);
      EXPECT_EQ(read, whole);
      EXPECT_TRUE(table_.equals(taken.datagram, whole));
      read[1500] ^= 1;
      EXPECT_FALSE(table_.equals(taken.datagram, read));
      EXPECT_EQ(table_.protocol(taken.datagram), 17) << "the first one's";
      table_.retire(taken.datagram, now_);
    }
  } while (std::next_permutation(order.begin(), order.end()));
  expect_clean();
}

TEST_F(Fragments, ExactCopiesChangeNothing) {
  const Bytes whole = pattern(100);
  EXPECT_EQ(outcome(5, 0, ByteView{whole}.first(48), true), FragmentOutcome::kept);
  EXPECT_EQ(outcome(5, 0, ByteView{whole}.first(48), true), FragmentOutcome::kept);
  EXPECT_EQ(outcome(5, 96, ByteView{whole}.subspan(96), false), FragmentOutcome::kept);
  EXPECT_EQ(outcome(5, 96, ByteView{whole}.subspan(96), false), FragmentOutcome::kept);
  EXPECT_EQ(outcome(5, 48, ByteView{whole}.subspan(48, 48), true), FragmentOutcome::whole);
}

TEST_F(Fragments, EveryOverlapKillsTheDatagramAndItsRest) {
  const Bytes zeros(200), ones(200, 1);
  struct Case {
    std::size_t begin, end;
    bool more;
    const Bytes& bytes;
  };
  // Against [64, 128) and, where the last is known, [128, 160).
  const Case cases[] = {{64, 128, true, ones},   {64, 128, false, zeros}, {64, 120, true, zeros},
                        {64, 136, true, zeros},  {56, 128, true, zeros},  {0, 72, true, zeros},
                        {120, 136, true, zeros}, {72, 80, true, zeros},   {0, 200, true, zeros},
                        {0, 64, false, zeros}};
  std::uint64_t hash = 100;
  for (const Case& one : cases) {
    ++hash;
    EXPECT_EQ(outcome(hash, 64, ByteView{zeros}.first(64), true), FragmentOutcome::kept);
    EXPECT_EQ(outcome(hash, one.begin, ByteView{one.bytes}.first(one.end - one.begin), one.more),
              FragmentOutcome::overlap)
        << one.begin << " " << one.end;
    EXPECT_EQ(outcome(hash, 0, ByteView{zeros}.first(64), true), FragmentOutcome::overlap) << "its rest";
  }
  for (const Case& one : {Case{160, 168, true, zeros}, Case{160, 168, false, zeros}, Case{128, 160, true, zeros},
                          Case{152, 160, true, zeros}, Case{128, 152, false, zeros}}) {
    ++hash;
    EXPECT_EQ(outcome(hash, 128, ByteView{zeros}.first(32), false), FragmentOutcome::kept);
    EXPECT_EQ(outcome(hash, one.begin, ByteView{one.bytes}.first(one.end - one.begin), one.more),
              FragmentOutcome::overlap)
        << one.begin << " " << one.end << " behind the last";
  }
  expect_clean();
}

TEST_F(Fragments, ThatNoEndMayTakeAreInvalid) {
  const Bytes bytes(1600);
  EXPECT_EQ(outcome(5, 0, {}, true), FragmentOutcome::invalid);
  EXPECT_EQ(outcome(5, 8, {}, false), FragmentOutcome::invalid);
  EXPECT_EQ(outcome(5, 0, ByteView{bytes}.first(15), true), FragmentOutcome::invalid);
  EXPECT_EQ(outcome(5, 65528, ByteView{bytes}.first(8), false), FragmentOutcome::invalid) << "with its header of 20";
  EXPECT_EQ(outcome(5, 65512, ByteView{bytes}.first(8), false), FragmentOutcome::invalid);
  EXPECT_EQ(outcome(5, 65512, ByteView{bytes}.first(3), false), FragmentOutcome::kept);
  EXPECT_EQ(table_.open_datagrams(), 1u);
}

TEST_F(Fragments, TheLongestDatagramIsRead) {
  const Bytes whole = pattern(65515);
  for (std::size_t at = 0; at < whole.size(); at += 1480) {
    const std::size_t length = std::min<std::size_t>(1480, whole.size() - at);
    const auto taken = take(6, at, ByteView{whole}.subspan(at, length), at + length < whole.size());
    if (at + length < whole.size()) {
      ASSERT_EQ(taken.outcome, FragmentOutcome::kept);
    } else {
      ASSERT_EQ(taken.outcome, FragmentOutcome::whole);
      EXPECT_TRUE(table_.equals(taken.datagram, whole));
      table_.retire(taken.datagram, now_);
    }
  }
  expect_clean();
}

TEST_F(Fragments, MoreThan64PiecesAreNoDatagram) {
  const Bytes bytes(8);
  for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(outcome(5, i * 8, bytes, true), FragmentOutcome::kept);
  EXPECT_EQ(outcome(5, 64 * 8, bytes, false), FragmentOutcome::invalid);
  EXPECT_EQ(outcome(5, 64 * 8, bytes, false), FragmentOutcome::overlap) << "dead";
  expect_clean();
}

TEST_F(Fragments, ARetiredKeyIsFreeAtOnceAndAStoppedOneAfterAMinute) {
  const Bytes bytes = pattern(16);
  const auto send = [&] {
    const auto first = take(5, 0, ByteView{bytes}.first(8), true);
    return first.outcome != FragmentOutcome::kept ? first : take(5, 8, ByteView{bytes}.subspan(8), false);
  };
  for (int i = 0; i < 3; ++i) {
    const auto taken = send();
    ASSERT_EQ(taken.outcome, FragmentOutcome::whole);
    table_.retire(taken.datagram, now_);
  }
  table_.stop(send().datagram, now_);
  EXPECT_EQ(outcome(5, 8, ByteView{bytes}.subspan(8), false), FragmentOutcome::stopped) << "the last one alone";
  now_ += tick_of(59 * kNanosecondsPerSecond);
  EXPECT_EQ(send().outcome, FragmentOutcome::stopped);
  now_ += tick_of(2 * kNanosecondsPerSecond);
  EXPECT_EQ(send().outcome, FragmentOutcome::whole);
}

// A datagram can hold a fragment of itself: while the one is being judged, the other is taken.
TEST_F(Fragments, AWholeDatagramIsFoundByNoneOfWhatIsInIt) {
  const Bytes whole = pattern(1000);
  for (const bool stopped : {false, true}) {
    const std::uint64_t hash = 5 + stopped;
    take(hash, 0, ByteView{whole}.first(504), true);
    const auto outer = take(hash, 504, ByteView{whole}.subspan(504), false);
    ASSERT_EQ(outer.outcome, FragmentOutcome::whole);
    EXPECT_EQ(outcome(hash, 0, ByteView{whole}.subspan(8, 96), true), FragmentOutcome::kept) << "another datagram";
    for (std::uint64_t other = 100; other < 120; ++other) take(other, 0, ByteView{whole}.first(8), true);
    EXPECT_TRUE(table_.equals(outer.datagram, whole));
    stopped ? table_.stop(outer.datagram, now_) : table_.retire(outer.datagram, now_);
    now_ += kTimeout + 2;
    for (int i = 0; i < 8; ++i) outcome(99, 0, ByteView{whole}.first(7), true);
    expect_clean();
  }
}

TEST_F(Fragments, OfADatagramThatTakeDifferentPathsLeaveADeadKey) {
  const Bytes bytes = pattern(16);
  take(5, 0, ByteView{bytes}.first(8), true, 1, 3);
  const auto taken = take(5, 8, ByteView{bytes}.subspan(8), false, 1, 60);
  ASSERT_EQ(taken.outcome, FragmentOutcome::whole);
  table_.retire(taken.datagram, now_);
  EXPECT_EQ(outcome(5, 0, ByteView{bytes}.first(8), true), FragmentOutcome::stopped);
}

TEST_F(Fragments, OldUnfinishedDatagramsAreForgotten) {
  const Bytes bytes(8);
  for (std::uint64_t hash = 10; hash < 14; ++hash) take(hash, 0, bytes, true);
  now_ += kTimeout + 1;
  EXPECT_EQ(take(20, 0, bytes, true).given_up, 0u) << "no end holds them any more";
  EXPECT_EQ(table_.open_datagrams(), 1u);
}

TEST_F(Fragments, WithoutASlotTheOldestGivesWay) {
  const Bytes bytes = pattern(16);
  for (std::uint64_t hash = 10; hash < 18; ++hash)
    EXPECT_EQ(take(hash, 0, ByteView{bytes}.first(8), true).given_up, 0u);
  EXPECT_EQ(take(18, 0, ByteView{bytes}.first(8), true).given_up, 1u);
  EXPECT_EQ(outcome(11, 8, ByteView{bytes}.subspan(8), false), FragmentOutcome::whole) << "only the oldest went";
  EXPECT_EQ(outcome(18, 8, ByteView{bytes}.subspan(8), false), FragmentOutcome::whole);
  EXPECT_EQ(outcome(10, 8, ByteView{bytes}.subspan(8), false), FragmentOutcome::kept);
}

TEST(FragmentTable, OfNothingOrOfMoreThanAMillionIsNotToBeHad) {
  constexpr std::uint32_t kMost = 1u << 20;
  for (const FragmentTable::Options& options : std::initializer_list<FragmentTable::Options>{
           {0, 16, kTimeout}, {kMost + 1, 16, kTimeout}, {8, 0, kTimeout}, {8, kMost + 1, kTimeout}}) {
    const auto table = FragmentTable::create(options);
    ASSERT_FALSE(table) << options.datagrams << " " << options.blocks;
    EXPECT_EQ(table.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(table.error().context.contains(options.datagrams == 8 ? "fragment blocks" : "fragment datagrams"));
  }
}

class OneSlot : public Fragments {
 protected:
  OneSlot() : Fragments(1, 16) {}
};

TEST_F(OneSlot, WhileAWholeDatagramIsHeldNoOtherIsFollowed) {
  const Bytes bytes = pattern(16);
  take(10, 0, ByteView{bytes}.first(8), true);
  const auto whole = take(10, 8, ByteView{bytes}.subspan(8), false);
  ASSERT_EQ(whole.outcome, FragmentOutcome::whole);
  const auto other = take(11, 0, ByteView{bytes}.first(8), true);
  EXPECT_EQ(other.outcome, FragmentOutcome::not_followed);
  EXPECT_EQ(other.given_up, 0u);
  EXPECT_TRUE(table_.equals(whole.datagram, bytes));
  table_.retire(whole.datagram, now_);
  expect_clean();
  EXPECT_EQ(outcome(11, 0, ByteView{bytes}.first(8), true), FragmentOutcome::kept);
}

class FewBlocks : public Fragments {
 protected:
  FewBlocks() : Fragments(8, 6) {}
};

TEST_F(FewBlocks, WithoutABlockTheOldestGivesWay) {
  const Bytes bytes = pattern(4096);
  take(10, 0, ByteView{bytes}.first(2048), true);
  take(11, 0, ByteView{bytes}.first(2048), true);
  EXPECT_EQ(take(12, 0, ByteView{bytes}.first(3072), true).given_up, 1u);
  const auto whole = take(11, 2048, ByteView{bytes}.first(8), false);
  ASSERT_EQ(whole.outcome, FragmentOutcome::whole);
  const Bytes long_one(8192);
  EXPECT_EQ(outcome(13, 0, long_one, true), FragmentOutcome::not_followed);
  EXPECT_TRUE(table_.equals(whole.datagram, ByteView{bytes}.first(2048 + 8))) << "stays until it was judged";
  table_.retire(whole.datagram, now_);
  expect_clean();
}

class ManySlots : public Fragments {
 protected:
  ManySlots() : Fragments(1024, 4096) {}
};

TEST_F(ManySlots, ASourceWithManyOpenDatagramsLosesItsOwnOldest) {
  const Bytes bytes = pattern(16);
  EXPECT_EQ(take(1, 0, ByteView{bytes}.first(8), true, 7).given_up, 0u);
  std::uint32_t given_up = 0;
  for (std::uint64_t hash = 100; hash < 100'100; ++hash) {
    given_up += take(hash, 0, ByteView{bytes}.first(8), true, 8).given_up;
  }
  EXPECT_EQ(given_up, 100'000u - 64);
  EXPECT_EQ(table_.open_datagrams(), 65u);
  EXPECT_EQ(take(1, 8, ByteView{bytes}.subspan(8), false, 7).outcome, FragmentOutcome::whole)
      << "another source's stays";
}

TEST_F(ManySlots, AgreesWithAPlainListOfFragmentsOverRandomTraffic) {
  struct Plain {
    std::vector<std::tuple<std::size_t, std::size_t, bool, std::uint8_t>> parts;
    bool dead = false;
  };
  std::mt19937 random(11);
  std::vector<Plain> plain(40);
  std::size_t wholes = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::size_t which = random() % plain.size();
    const std::size_t begin = random() % 6 * 8, length = random() % 8 == 0 ? 16 : 8;
    const bool more = random() % 4 != 0;
    const auto fill = static_cast<std::uint8_t>(random() % 16 == 0);
    Plain& model = plain[which];
    FragmentOutcome expected = FragmentOutcome::kept;
    if (model.dead) {
      expected = FragmentOutcome::overlap;
    } else {
      bool copy = false, clash = false;
      std::size_t sum = length, total = more ? 0 : begin + length;
      for (const auto& [b, l, m, f] : model.parts) {
        copy |= b == begin && l == length && m == more && f == fill;
        clash |= begin < b + l && b < begin + length;
        clash |= !more && (!m || b + l > begin + length);
        clash |= !m && begin + length >= b + l;
        sum += l;
        if (!m) total = b + l;
      }
      if (!copy && clash) {
        expected = FragmentOutcome::overlap;
        model.dead = true;
      } else if (!copy) {
        model.parts.push_back({begin, length, more, fill});
        if (sum == total) expected = FragmentOutcome::whole;
      }
    }
    const auto taken = take(which + 1000, begin, Bytes(length, fill), more, which);
    ASSERT_EQ(taken.outcome, expected) << round;
    if (expected == FragmentOutcome::whole) {
      ++wholes;
      table_.retire(taken.datagram, now_);
      model = {};
    }
    if (round % 500 == 499) {
      now_ += kDeadTicks + 1;
      take(1, 0, Bytes(8), true, 99);
      plain.assign(plain.size(), {});
      while (table_.open_datagrams() > 1) take(1, 0, Bytes(8), true, 99);
    }
  }
  EXPECT_GT(wholes, 200u);
}

}  // namespace
}  // namespace parapet::packet
