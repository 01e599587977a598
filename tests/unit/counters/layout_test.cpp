// SPDX-License-Identifier: Apache-2.0
// The counter file: golden places, writer and reader agree, hostile files are refused with a reason.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/file.h"
#include "counters/block.h"
#include "counters/reader.h"

namespace parapet::counters {
namespace {

TEST(Layout, GoldenPlaces) {
  EXPECT_EQ(offsetof(Header, boot_id), 32u);
  EXPECT_EQ(offsetof(Header, start_realtime_ns), 48u);
  EXPECT_EQ(offsetof(Header, applied_generation), 72u);
  EXPECT_EQ(offsetof(Header, list_id), 4096u);
  EXPECT_EQ(offsetof(Header, ports), 4352u);
  EXPECT_EQ(sizeof(Header), 12544u);
  EXPECT_EQ(offsetof(WorkerBlock, reasons), 80u);
  EXPECT_EQ(offsetof(WorkerBlock, uninspected), 592u);
  EXPECT_EQ(offsetof(WorkerBlock, requests), 1104u);
  EXPECT_EQ(offsetof(WorkerBlock, actions), 1360u);
  EXPECT_EQ(offsetof(WorkerBlock, list_hits), 1488u);
  EXPECT_EQ(offsetof(WorkerBlock, checksums_verified), 3536u);
  EXPECT_EQ(sizeof(WorkerBlock), 3840u);
}

class CounterFileTest : public ::testing::Test {
 protected:
  std::string path_ = ::testing::TempDir() + "parapet-counters-" + std::to_string(::getpid());
  ~CounterFileTest() override { ::unlink(path_.c_str()); }
};

TEST_F(CounterFileTest, WhatWorkersAddReadersSeeAsASum) {
  auto file = CounterFile::create(path_, 2, 2);
  ASSERT_TRUE(file);
  add(file->worker({0}).reasons[index_of(FrameReason::drop_listed)], 3);
  add(file->worker({1}).reasons[index_of(FrameReason::drop_listed)], 4);
  set(file->worker({0}).generation, 7);
  set(file->worker({1}).generation, 6);
  const auto reading = read_counters(path_);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->total().reasons[index_of(FrameReason::drop_listed)], 7u);
  EXPECT_EQ(reading->total().generation, 6u) << "the lowest: one worker on the old generation shows";
  EXPECT_NE(reading->header->start_realtime_ns, 0u);
  EXPECT_EQ(reading->header->port_count, 2u);
}

TEST_F(CounterFileTest, RefusesMoreThanTheLayoutHolds) {
  EXPECT_EQ(CounterFile::create(path_, 0, 0).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(CounterFile::create(path_, kMaxWorkers + 1, 0).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(CounterFile::create(path_, 1, kMaxPorts + 1).error().code, ErrorCode::invalid_argument);
}

TEST_F(CounterFileTest, HostileFilesGiveANamedError) {
  ASSERT_TRUE(CounterFile::create(path_, 1, 2));
  auto bytes = *read_file(path_, 1 << 20);
  ASSERT_TRUE(parse_counters(bytes));
  EXPECT_EQ(parse_counters({}).error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_counters(ByteView(bytes).first(bytes.size() - 1)).error().code, ErrorCode::malformed);
  auto other = bytes;
  other[8] = 9;
  EXPECT_EQ(parse_counters(other).error().code, ErrorCode::unsupported);
  std::mt19937 random(4);
  for (int round = 0; round < 20000; ++round) {
    auto mutated = bytes;
    for (int flips = 0; flips < 3; ++flips) mutated[random() % 128] ^= static_cast<std::uint8_t>(1u << random() % 8);
    const auto reading = parse_counters(mutated);
    if (reading) {
      EXPECT_EQ(reading->workers.size(), 1u);
    } else {
      EXPECT_FALSE(reading.error().context.empty());
    }
  }
}

TEST(Names, EveryReasonHasANameAndAHelpText) {
  for (const auto help : kFrameReasonHelp) EXPECT_FALSE(help.empty());
  EXPECT_EQ(name_of(FrameReason::drop_listed), "drop_listed");
  EXPECT_FALSE(forwards(FrameReason::drop_listed));
  EXPECT_TRUE(forwards(FrameReason::pass_uninspected));
  for (std::size_t i = 0; i < kFrameReasonNames.size(); ++i) {
    EXPECT_EQ(kFrameReasonNames[i].starts_with("pass_"), forwards(static_cast<FrameReason>(i)));
  }
}

}  // namespace
}  // namespace parapet::counters
