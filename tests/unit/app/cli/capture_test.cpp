// SPDX-License-Identifier: Apache-2.0
// Reading whole captures of all formats.
#include "app/cli/capture.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "capture_builder.h"
#include "temp_folder.h"

namespace parapet::cli {
namespace {

const Bytes kFirst{1, 2, 3, 4, 5}, kSecond{6, 7, 8};

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) support::append(all, part);
  return all;
}

TEST(Capture, ReadsPcapInBothByteOrdersAndResolutions) {
  for (const bool big_endian : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      const auto read = read_all(pcap({big_endian, nanoseconds, 113}, {kFirst, kSecond}));
      ASSERT_EQ(read.frames.size(), 2U);
      EXPECT_EQ(read.damage, "");
      EXPECT_EQ(read.frames[0].bytes, kFirst);
      EXPECT_EQ(read.frames[1].bytes, kSecond);
      EXPECT_EQ(read.frames[1].number, 2U);
      EXPECT_EQ(read.frames[1].link_type, 113);
      EXPECT_EQ(read.frames[0].time, 100 * kNanosecondsPerSecond + (nanoseconds ? 5 : 5000));
    }
  }
}

TEST(Capture, IgnoresTheFrameCheckSequenceLengthAboveThePcapLinkType) {
  const auto read = read_all(pcap({.link_type = 0x30000001}, {kFirst}));
  ASSERT_EQ(read.frames.size(), 1U);
  EXPECT_EQ(read.frames[0].link_type, 1);
}

TEST(Capture, ReadsAllPacketBlocksOfPcapngInBothByteOrders) {
  for (const bool big : {false, true}) {
    const Bytes old_packet =
        block(big, 2, FieldWriter(big).u16(1).u16(0).u32(0).u32(7).u32(3).u32(3).bytes(kSecond).pad().out);
    const Bytes simple_packet = block(big, 3, FieldWriter(big).u32(5).bytes(kFirst).pad().out);
    const Bytes unknown = block(big, 0xbad, Bytes(8));
    const auto read = read_all(join({section_header(big), interface_block(big, 1), interface_block(big, 101), unknown,
                                     enhanced_packet(big, 1, 2'000'000, kFirst), old_packet, simple_packet}));
    EXPECT_EQ(read.damage, "");
    ASSERT_EQ(read.frames.size(), 3U);
    EXPECT_EQ(read.frames[0].bytes, kFirst);
    EXPECT_EQ(read.frames[0].link_type, 101);
    EXPECT_EQ(read.frames[0].time, 2 * kNanosecondsPerSecond);
    EXPECT_EQ(read.frames[1].bytes, kSecond);
    EXPECT_EQ(read.frames[1].link_type, 101);
    EXPECT_EQ(read.frames[1].time, 7000U);
    EXPECT_EQ(read.frames[2].bytes, kFirst);
    EXPECT_EQ(read.frames[2].link_type, 1);
    EXPECT_EQ(read.frames[2].number, 3U);
  }
}

TEST(Capture, ASimplePacketEndsAtTheSnapLengthOfTheFirstInterface) {
  const Bytes simple_packet = block(false, 3, FieldWriter(false).u32(100).bytes(Bytes{1, 2, 3, 4, 5, 6, 7, 8}).out);
  const auto read = read_all(join({section_header(false), interface_block(false, 1, {}, 6), simple_packet}));
  ASSERT_EQ(read.frames.size(), 1U);
  EXPECT_EQ(read.frames[0].bytes.size(), 6U);
}

TEST(Capture, ASecondSectionHasItsOwnByteOrderAndInterfaces) {
  const auto read =
      read_all(join({section_header(false), interface_block(false, 1), enhanced_packet(false, 0, 0, kFirst),
                     section_header(true), interface_block(true, 276), enhanced_packet(true, 0, 0, kSecond)}));
  ASSERT_EQ(read.frames.size(), 2U);
  EXPECT_EQ(read.frames[1].link_type, 276);
  EXPECT_EQ(read.frames[1].bytes, kSecond);
}

struct Resolution {
  const char* meaning;
  Bytes options;
  std::uint64_t ticks;
  Nanoseconds time;
};

TEST(Capture, PcapngTimesFollowTheInterfacesResolutionAndOffset) {
  const auto option = [](std::uint16_t code, const Bytes& value) {
    return FieldWriter(false).u16(code).u16(value.size()).bytes(value).pad().out;
  };
  const Resolution cases[] = {
      {"nanoseconds", option(9, {9}), 1'234'567'891, 1'234'567'891},
      {"milliseconds", option(9, {3}), 1500, 1'500'000'000},
      {"picoseconds", option(9, {12}), 5'000'000, 5000},
      {"halves of a second", option(9, {0x81}), 3, 1'500'000'000},
      {"2^-127 s", option(9, {0xff}), ~0ULL, 0},
      {"10^-127 s", option(9, {0x7f}), ~0ULL, 0},
      {"whole seconds, too many", option(9, {0}), ~0ULL, ~Nanoseconds{0}},
      {"one second later", option(14, {1, 0, 0, 0, 0, 0, 0, 0}), 1, 1'000'001'000},
      {"before 1970", option(14, Bytes(8, 0xff)), 1, 0},
      {"as early as can be", option(14, {0, 0, 0, 0, 0, 0, 0, 0x80}), 1, 0},
      {"an option with the wrong length", option(9, {1, 2}), 1, 1000},
  };
  for (const auto& each : cases) {
    const auto read = read_all(join({section_header(false), interface_block(false, 1, each.options),
                                     enhanced_packet(false, 0, each.ticks, kFirst)}));
    ASSERT_EQ(read.frames.size(), 1U) << each.meaning;
    EXPECT_EQ(read.frames[0].time, each.time) << each.meaning;
  }
}

TEST(Capture, AFileIsReadLikeMemory) {
  support::TempFolder folder;
  const Bytes file = pcap({}, {Bytes(200'000, 7), kFirst});
  const auto path = folder.write("one.pcap", text_of(file));
  auto source = FileSource::open(path);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->size(), file.size());
  auto reader = open_capture(*source);
  ASSERT_TRUE(reader.has_value());
  CapturedFrame frame{};
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(frame.bytes.size(), 200'000U);
  ASSERT_TRUE((*reader)->next(frame));
  EXPECT_EQ(Bytes(frame.bytes.begin(), frame.bytes.end()), kFirst);
  EXPECT_FALSE((*reader)->next(frame));
  EXPECT_EQ((*reader)->damage(), "");
}

TEST(Capture, FifosDevicesFoldersAndInterfaceNamesAreNotOpened) {
  support::TempFolder folder;
  const auto fifo = folder.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {fifo, std::string("/dev/null"), folder.path()}) {
    auto source = FileSource::open(path);
    ASSERT_FALSE(source.has_value()) << path;
    EXPECT_EQ(source.error().code, ErrorCode::invalid_argument) << path;
  }
  auto source = FileSource::open("lo");
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace parapet::cli
