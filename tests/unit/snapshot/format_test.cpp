// SPDX-License-Identifier: Apache-2.0
// Golden bytes of a snapshot: a change of the format is a change of its version.
#include "snapshot/format.h"

#include <gtest/gtest.h>
#include <array>
#include <cstring>

#include "snapshot/builder.h"
#include "snapshot/snapshot.h"

namespace parapet::snapshot {
namespace {

const digest::Key kGoldenKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

digest::DigestedEntry golden_entry() {
  const auto entry = canon::parse_entry("listed.example.test", {});
  return digest::digest_entry(kGoldenKey, *entry, 1);
}

TEST(Format, GoldenSnapshotOfOneEntry) {
  digest::DigestedEntry digested = golden_entry();
  digested.ends_s = 1'800'000'000;
  ListInput list{"golden", ListState::enforce, {&digested, 1}};
  list.ends_s = 1'900'000'000;
  list.shadow_from_s = 1'850'000'000;
  list.applies_to = {{{3, 2}, {}}};
  list.exempt = {{{}, {*AddressPrefix::parse("192.0.2.0/24")}}};
  const Moment created{1700000000000000000, 77, {1, 2, 3}, true};
  const auto bytes = build_snapshot({&list, 1}, kGoldenKey, 5, created);
  ASSERT_TRUE(bytes);
  const ByteView view = bytes->view();
  ASSERT_EQ(view.size(), 256u + 9 * 64);
  const auto& header = *reinterpret_cast<const Header*>(view.data());
  EXPECT_EQ(text_of(view.first(8)), "PRPTSNAP");
  EXPECT_EQ(header.major, 1);
  EXPECT_EQ(header.minor, 1);
  EXPECT_EQ(header.generation, 5u);
  EXPECT_EQ(header.entry_count, 1u);
  EXPECT_EQ(header.lists.offset, 256u);
  EXPECT_EQ(header.rule_sets.offset, 320u);
  EXPECT_EQ(header.rules.offset, 384u);
  EXPECT_EQ(header.filter.offset, 448u);
  EXPECT_EQ(header.buckets.offset, 512u);
  EXPECT_EQ(header.rule_ends.offset, 576u);
  EXPECT_EQ(header.selectors.offset, 640u);
  EXPECT_EQ(header.realms.offset, 704u);
  EXPECT_EQ(header.prefixes.offset, 768u);
  EXPECT_EQ(load_le64(view.data() + 216), 77u);  // created_boottime_ns
  EXPECT_EQ(view[224 + 2], 3);                   // boot id
  EXPECT_EQ(view[240], 1);                       // clock agreed
  EXPECT_EQ(view[256 + 40], 2);                  // enforce
  EXPECT_EQ(load_le64(view.data() + 256 + 44), 1'850'000'000ull << 32 | 1'900'000'000);
  EXPECT_EQ(load_le64(view.data() + 256 + 52), 1ull << 48 | 1ull << 32);  // first selector, one of each sort
  EXPECT_EQ(load_le64(view.data() + 576), 1'800'000'000u);
  EXPECT_EQ(load_le64(view.data() + 640), 2ull << 32);           // realms 0 and 1
  EXPECT_EQ(load_le64(view.data() + 640 + 16 + 8), 1ull << 32);  // prefix 0
  EXPECT_EQ(load_le64(view.data() + 704), 3ull << 16 | 2);
  EXPECT_EQ(load_be64(view.data() + 768 + 8), 0x0000ffffc0000200u);
  EXPECT_EQ(view[768 + 16], 120);
  EXPECT_EQ(view[768 + 17], 4);
  EXPECT_EQ(digested.digest.low, 13781044836453654505u);
  EXPECT_EQ(digested.digest.high, 16460849412038176774u);
  EXPECT_EQ(load_le64(view.data() + 512), digested.digest.high);
  EXPECT_EQ(load_le64(view.data() + 56), 17902877624394170404u);

  const auto snapshot = Snapshot::open(view, kGoldenKey);
  ASSERT_TRUE(snapshot) << snapshot.error().context;
  EXPECT_EQ(snapshot->created().boottime_ns, 77u);
  EXPECT_EQ(snapshot->created().boot, created.boot);
  EXPECT_TRUE(snapshot->created().clock_agreed);
}

// As the writer of minor version 0 left it: byte places that are not zero.
struct Placed {
  std::size_t at;
  std::uint64_t little_endian;
};
constexpr Placed kVersion10[] = {
    {0, 0x50414e5354505250},
    {8, 0x10000000001},
    {16, 0x240},
    {24, 0x5},
    {32, 0x17979cfe362a0000},
    {40, 0x5c15c2d1b1349cd7},
    {48, 0x1},
    {56, 0xb9e83fb2da0248fa},
    {64, 0xf6ed3beee640d382},
    {72, 0x100},
    {80, 0x1},
    {88, 0x140},
    {96, 0x1},
    {104, 0x180},
    {112, 0x1},
    {120, 0x1c0},
    {128, 0x1},
    {136, 0x200},
    {144, 0x1},
    {256, 0x2b72c88efe37d9c4},
    {264, 0x6e65646c6f67},
    {296, 0x2},
    {320, 0x100000000},
    {384, 0x10000},
    {464, 0x8000},
    {496, 0x800000000},
    {504, 0x20000000000},
    {512, 0xe470af53b1bbb006},
    {520, 0x7e8d1fe9},
    {536, 0xffffffff00000000},
    {552, 0xffffffff00000000},
    {568, 0xffffffff00000000},
};

SnapshotBytes version_1_0() {
  SnapshotBytes bytes(576);
  for (const auto& [at, value] : kVersion10) std::memcpy(bytes.data() + at, &value, sizeof value);
  return bytes;
}

TEST(Format, ASnapshotOfVersionOneZeroIsStillRead) {
  const SnapshotBytes bytes = version_1_0();
  const auto snapshot = Snapshot::open(bytes.view(), kGoldenKey);
  ASSERT_TRUE(snapshot) << snapshot.error().context;
  EXPECT_EQ(snapshot->header().minor, 0);
  EXPECT_EQ(snapshot->generation(), 5u);
  EXPECT_EQ(snapshot->created().realtime_ns, 1700000000000000000u);
  EXPECT_EQ(snapshot->created().boot, BootId{});
  EXPECT_EQ(snapshot->state_at({0}, UINT64_MAX), ListState::enforce);
  const RuleSetIndex found = snapshot->find(golden_entry().digest);
  ASSERT_NE(found.value, kEmptySlot);
  const std::array<std::uint8_t, 16> address{};
  EXPECT_TRUE(snapshot->stands(snapshot->rules_of(found)[0], {UINT64_MAX, {0}, &address, false}));
}

TEST(Format, VersionOneZeroHasZerosWhereItsSuccessorHasTimesAndSelectors) {
  for (const std::size_t at : {44u, 48u, 52u, 56u, 58u}) {
    SnapshotBytes bytes = version_1_0();
    bytes.data()[256 + at] = 1;
    const auto sum = checksum_of(kGoldenKey, bytes.view());
    std::memcpy(bytes.data() + offsetof(Header, checksum), &sum, sizeof sum);
    const auto snapshot = Snapshot::open(bytes.view(), kGoldenKey);
    ASSERT_FALSE(snapshot) << at;
    EXPECT_EQ(snapshot.error().code, ErrorCode::malformed);
  }
}

}  // namespace
}  // namespace parapet::snapshot
