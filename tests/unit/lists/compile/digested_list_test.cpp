// SPDX-License-Identifier: Apache-2.0
// The bytes of a digested list: parse(format(x)) = x, golden bytes, and hostile ones.
#include "lists/compile/digested_list.h"

#include <gtest/gtest.h>
#include <cstring>
#include <random>

#include "digested.h"

namespace parapet::lists {
namespace {

using support::kListKey;

DigestedList sample() {
  auto list = support::digested("listed.example.test\nhttp://a.example.test/x?q\nhttp://b.example.test/\n");
  list.sequence = 3;
  list.fetched_realtime_ns = 1'790'000'000'000'000'000;
  list.last_modified_realtime_ns = 1'780'000'000'000'000'000;
  list.etag = "\"v1\"";
  list.last_modified = "Mon, 01 Jan 2024 00:00:00 GMT";
  list.unenforceable = 4;
  return list;
}

ErrorCode code_of(ByteView bytes, const digest::Key& key = kListKey) {
  const auto parsed = parse_digested_list(bytes, key);
  return parsed ? ErrorCode::unavailable : parsed.error().code;
}

TEST(DigestedListFile, IsReadBackAsItWasWritten) {
  const auto list = sample();
  const auto back = parse_digested_list(format_digested_list(list, kListKey), kListKey);
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->name, "hotline");
  EXPECT_EQ(back->sequence, 3u);
  EXPECT_EQ(back->fetched_realtime_ns, list.fetched_realtime_ns);
  EXPECT_EQ(back->last_modified_realtime_ns, list.last_modified_realtime_ns);
  EXPECT_EQ(back->etag, list.etag);
  EXPECT_EQ(back->last_modified, list.last_modified);
  EXPECT_EQ(back->unenforceable, 4u);
  EXPECT_EQ(back->entries, list.entries);
  auto signed_list = sample();
  signed_list.signed_order = {5, 6};
  signed_list.signing_key.fill(7);
  const auto signed_back = parse_digested_list(format_digested_list(signed_list, kListKey), kListKey);
  ASSERT_TRUE(signed_back);
  EXPECT_EQ(signed_back->signed_order, signed_list.signed_order);
  EXPECT_EQ(signed_back->signing_key, signed_list.signing_key);
  signed_list.signed_order = {0, 6};
  EXPECT_EQ(code_of(format_digested_list(signed_list, kListKey)), ErrorCode::malformed) << "a number without a time";
}

TEST(DigestedListFile, HasTheBytesOfItsPage) {
  DigestedList list;
  list.name = "a";
  list.sequence = 0x0102030405060708;
  list.etag = "e";
  list.signed_order = {0x1112131415161718, 0x2122232425262728};
  list.signing_key = {1, 2, 3, 4, 5, 6, 7, 8};
  list.unenforceable = 9;
  list.entries = {{{1, 2}, 3, 4, 5, canon::EntryKind::url, 0x31323334}};
  const auto bytes = format_digested_list(list, kListKey);
  ASSERT_EQ(bytes.size(), 168u + 48u);
  const auto at = [&](std::size_t offset, std::size_t size) { return text_of(ByteView(bytes).subspan(offset, size)); };
  EXPECT_EQ(at(0, 8), "PRPTDLST");
  EXPECT_EQ(at(8, 8), std::string_view("\x01\0\x02\0\xa0\0\0\0", 8));
  EXPECT_EQ(load_le64(bytes.data() + 48), 9u);
  EXPECT_EQ(at(72, 8), "\x08\x07\x06\x05\x04\x03\x02\x01");
  EXPECT_EQ(at(100, 12), std::string_view("\0\0\0\0\x18\x17\x16\x15\x14\x13\x12\x11", 12));
  EXPECT_EQ(at(112, 16), "\x28\x27\x26\x25\x24\x23\x22\x21\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(at(128, 2), std::string_view("a\0", 2));
  EXPECT_EQ(at(160, 8), std::string_view("e\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(load_le64(bytes.data() + 168), 1u);
  EXPECT_EQ(load_le64(bytes.data() + 200), 5u);
  EXPECT_EQ(bytes[208], 3);
  EXPECT_EQ(at(209, 7), std::string_view("\0\0\0\x34\x33\x32\x31", 7));
}

TEST(DigestedListFile, APlaceStandsBehindTheHeader) {
  auto list = sample();
  list.place = {0x0102030405060708, 20, 3, 4};
  const auto bytes = format_digested_list(list, kListKey);
  EXPECT_EQ(text_of(ByteView(bytes).subspan(8, 8)), std::string_view("\x01\0\x03\0\xc0\0\0\0", 8));
  EXPECT_EQ(load_le64(bytes.data() + 160), list.place.version);
  EXPECT_EQ(load_le64(bytes.data() + 168), 20u);
  EXPECT_EQ(load_le64(bytes.data() + 176), 3u);
  EXPECT_EQ(load_le64(bytes.data() + 184), 4u);
  EXPECT_EQ(text_of(ByteView(bytes).subspan(192, 4)), "\"v1\"");
  const auto back = parse_digested_list(bytes, kListKey);
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->place, list.place);
  EXPECT_EQ(back->etag, list.etag);
  EXPECT_EQ(back->entries, list.entries);
}

// The checksum is over the header with the checksum as zeros, then the checksum of the rest.
void seal(std::vector<std::uint8_t>& bytes) {
  std::memset(bytes.data() + 56, 0, 16);
  const auto rest = digest::checksum(kListKey, ByteView(bytes).subspan(160));
  std::vector<std::uint8_t> head(bytes.begin(), bytes.begin() + 160);
  head.resize(176);
  std::memcpy(head.data() + 160, &rest, sizeof rest);
  const auto checksum = digest::checksum(kListKey, head);
  std::memcpy(bytes.data() + 56, &checksum, sizeof checksum);
}

TEST(DigestedListFile, VersionOneOneIsStillReadAndHasNoEnds) {
  auto list = sample();
  list.unenforceable = 0;
  for (const std::uint32_t ends_s : {0u, 7u}) {
    list.entries[0].ends_s = ends_s;
    auto bytes = format_digested_list(list, kListKey);
    bytes[10] = 1;
    seal(bytes);
    const auto parsed = parse_digested_list(bytes, kListKey);
    EXPECT_EQ(parsed.has_value(), ends_s == 0);
    if (parsed) {
      EXPECT_EQ(parsed->entries, list.entries);
    } else {
      EXPECT_EQ(parsed.error().code, ErrorCode::malformed);
    }
  }
}

TEST(DigestedListFile, APlaceHasANumber) {
  auto list = sample();
  list.place = {1, 20, 3, 4};
  auto bytes = format_digested_list(list, kListKey);
  bytes[160] = 0;
  seal(bytes);
  EXPECT_EQ(code_of(bytes), ErrorCode::malformed);
  bytes[160] = 1;
  bytes[10] = 2;
  seal(bytes);
  EXPECT_EQ(code_of(bytes), ErrorCode::malformed) << "a version that has none";
}

TEST(DigestedListFile, OfDoublesTheLaterEndStays) {
  auto entries = sample().entries;
  const auto first = entries[0];
  for (const std::uint32_t ends_s : {9u, 3u}) {
    entries.push_back(first);
    entries.back().ends_s = ends_s;
  }
  sort_entries(entries);
  EXPECT_EQ(entries, sample().entries) << "one without an end never ends";
  entries.erase(entries.begin());
  for (const std::uint32_t ends_s : {3u, 9u, 5u}) {
    entries.push_back(first);
    entries.back().ends_s = ends_s;
  }
  sort_entries(entries);
  EXPECT_EQ(entries.size(), sample().entries.size());
  EXPECT_EQ(entries[0].ends_s, 9u);
}

TEST(DigestedListFile, HoldsNoName) {
  const auto bytes = format_digested_list(sample(), kListKey);
  for (const std::string_view name : {"listed", "example", "tset"})
    EXPECT_EQ(text_of(bytes).find(name), std::string_view::npos);
}

TEST(DigestedListFile, AnotherKeyIsNamed) {
  EXPECT_EQ(code_of(format_digested_list(sample(), kListKey), digest::Key{1, 2}), ErrorCode::integrity);
}

TEST(DigestedListFile, AnotherVersionIsUnsupported) {
  auto bytes = format_digested_list(sample(), kListKey);
  bytes[8] = 2;
  EXPECT_EQ(code_of(bytes), ErrorCode::unsupported);
}

TEST(DigestedListFile, EveryFlippedBitAndEveryCutIsRefused) {
  const auto good = format_digested_list(sample(), kListKey);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1u << (bit % 8)));
    // The minor version alone may grow; it stands under the checksum all the same.
    EXPECT_FALSE(parse_digested_list(bytes, kListKey)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_digested_list(ByteView(good).first(size), kListKey)) << "size " << size;
  }
  auto longer = good;
  longer.push_back(0);
  EXPECT_EQ(code_of(longer), ErrorCode::malformed);
}

TEST(DigestedListFile, RandomBytesAreRefused) {
  std::minstd_rand random{3};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> bytes(random() % 600);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (bytes.size() > 8) std::memcpy(bytes.data(), "PRPTDLST", 8);
    EXPECT_FALSE(parse_digested_list(bytes, kListKey));
  }
}

TEST(DigestedListFile, WhatTheChecksumVouchesForIsStillChecked) {
  auto unsorted = sample();
  std::swap(unsorted.entries.front(), unsorted.entries.back());
  EXPECT_EQ(code_of(format_digested_list(unsorted, kListKey)), ErrorCode::malformed);
  auto strange_kind = sample();
  strange_kind.entries[0].kind = static_cast<canon::EntryKind>(9);
  EXPECT_EQ(code_of(format_digested_list(strange_kind, kListKey)), ErrorCode::malformed);
  auto strange_name = sample();
  strange_name.name = "../etc";
  EXPECT_EQ(code_of(format_digested_list(strange_name, kListKey)), ErrorCode::malformed);
  auto strange_etag = sample();
  strange_etag.etag = "a\r\nb";
  EXPECT_EQ(code_of(format_digested_list(strange_etag, kListKey)), ErrorCode::malformed);
  auto long_etag = sample();
  long_etag.etag.assign(kMaxEtag + 1, 'e');
  EXPECT_EQ(code_of(format_digested_list(long_etag, kListKey)), ErrorCode::malformed);
}

}  // namespace
}  // namespace parapet::lists
