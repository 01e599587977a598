// SPDX-License-Identifier: Apache-2.0
// Captures that are cut, contradict themselves or mean harm: a named damage, and what stood before it is read.
#include <gtest/gtest.h>

#include <random>

#include "capture_builder.h"
#include "rounds.h"

namespace parapet::cli {
namespace {

const Bytes kFrame{1, 2, 3, 4, 5, 6, 7, 8};

Bytes pcapng_of_two() {
  Bytes file = section_header(false);
  support::append(file, interface_block(false, 1));
  support::append(file, enhanced_packet(false, 0, 1, kFrame));
  support::append(file, enhanced_packet(false, 0, 2, kFrame));
  return file;
}

Bytes behind_header(const Bytes& block) {
  Bytes file = section_header(false);
  support::append(file, interface_block(false, 1));
  support::append(file, enhanced_packet(false, 0, 1, kFrame));
  support::append(file, block);
  return file;
}

TEST(HostileCapture, CutAnywhereItGivesTheFramesBeforeTheCutAndSaysSo) {
  for (const Bytes& whole : {pcap({}, {kFrame, kFrame}), pcapng_of_two()}) {
    std::size_t most = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto read = read_all(ByteView{whole}.first(length));
      EXPECT_LE(read.frames.size(), 1U);
      most = std::max(most, read.frames.size());
      if (!read.opened) {
        EXPECT_NE(read.damage, "");
      } else if (read.damage.empty()) {  // only between two records or blocks
        const auto rest = read_all(whole);
        EXPECT_LT(read.frames.size(), rest.frames.size());
      }
    }
    EXPECT_EQ(most, 1U);
    EXPECT_EQ(read_all(whole).frames.size(), 2U);
  }
}

TEST(HostileCapture, WhatIsNoCaptureIsRefusedByName) {
  EXPECT_EQ(read_all({}).damage, "too short for a capture");
  EXPECT_EQ(read_all(bytes_of("GET / HTTP/1.1\r\n")).damage, "neither pcap nor pcapng");
  EXPECT_EQ(read_all(Bytes{0x1f, 0x8b, 8, 0, 0}).damage, "compressed by gzip; unpack it first");
  EXPECT_EQ(read_all(Bytes{0x28, 0xb5, 0x2f, 0xfd, 0}).damage, "compressed by zstd; unpack it first");
  EXPECT_EQ(read_all(Bytes{0xd4, 0xc3, 0xb2, 0xa1, 2, 0}).damage, "pcap header is cut short");
}

TEST(HostileCapture, APcapRecordOfMonstrousLengthEndsTheReading) {
  for (const std::uint32_t length : {kMaxFrameLength + 1, 0x7fffffffU, 0xffffffffU}) {
    Bytes file = pcap({}, {kFrame});
    support::append(file, FieldWriter(false).u32(0).u32(0).u32(length).u32(length).bytes(kFrame).out);
    const auto read = read_all(file);
    EXPECT_EQ(read.frames.size(), 1U);
    EXPECT_EQ(read.damage, "a record claims more than 262,144 bytes");
  }
}

struct BadBlock {
  const char* damage;
  Bytes block;
};

TEST(HostileCapture, BadPcapngBlocksEndTheReadingByName) {
  const auto raw = [](std::uint32_t type, std::uint32_t length, std::size_t body, std::uint32_t closing) {
    return FieldWriter(false).u32(type).u32(length).bytes(Bytes(body)).u32(closing).out;
  };
  const BadBlock cases[] = {
      {"a block whose length cannot be", raw(6, 0, 0, 0)},
      {"a block whose length cannot be", raw(6, 8, 0, 8)},
      {"a block whose length cannot be", raw(6, 33, 21, 33)},
      {"a block claims more than 16 MiB", raw(6, kMaxBlockLength + 4, 0, 0)},
      {"a block claims more than 16 MiB", raw(6, 0xfffffffc, 0, 0)},
      {"cut short inside a block", raw(6, 4096, 8, 4096)},
      {"a block whose two lengths differ", raw(99, 20, 8, 24)},
      {"a packet block too short for itself", raw(6, 12, 0, 12)},
      {"a packet block too short for itself", raw(2, 28, 16, 28)},
      {"a packet block too short for itself", raw(3, 12, 0, 12)},
      {"an interface block too short for itself", raw(1, 16, 4, 16)},
      {"a packet of an interface that was not described", enhanced_packet(false, 1, 0, kFrame)},
      {"a packet of an interface that was not described", enhanced_packet(false, 0xffffffff, 0, kFrame)},
      {"a packet longer than its block",
       block(false, 6, FieldWriter(false).u32(0).u32(0).u32(0).u32(9).u32(9).bytes(kFrame).out)},
      {"a packet longer than its block",
       block(false, 6, FieldWriter(false).u32(0).u32(0).u32(0).u32(0xffffffff).u32(9).bytes(kFrame).out)},
      {"a record claims more than 262,144 bytes", enhanced_packet(false, 0, 0, Bytes(kMaxFrameLength + 4))},
      {"a section header without byte-order magic", raw(0x0a0d0d0a, 28, 16, 28)},
      {"a section header too short for itself", FieldWriter(false).u32(0x0a0d0d0a).u32(16).u32(0x1a2b3c4d).u32(16).out},
      {"a section of another major version",
       block(false, 0x0a0d0d0a, FieldWriter(false).u32(0x1a2b3c4d).u16(9).u16(0).u32(0).u32(0).out)},
  };
  for (const auto& each : cases) {
    const auto read = read_all(behind_header(each.block));
    EXPECT_EQ(read.damage, each.damage);
    EXPECT_EQ(read.frames.size(), 1U) << each.damage;
  }
}

TEST(HostileCapture, MoreInterfacesThanTheBoundEndTheReading) {
  Bytes file = section_header(false);
  for (int i = 0; i < 4097; ++i) support::append(file, interface_block(false, 1));
  EXPECT_EQ(read_all(file).damage, "more than 4,096 interfaces");
}

TEST(HostileCapture, OptionsThatRunOutOfTheirBlockAreLeftAlone) {
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{5, 8, 65535}) {
    Bytes file = section_header(false);
    support::append(file, interface_block(false, 1, FieldWriter(false).u16(14).u16(length).bytes(Bytes(4, 1)).out));
    support::append(file, enhanced_packet(false, 0, 3, kFrame));
    const auto read = read_all(file);
    ASSERT_EQ(read.frames.size(), 1U);
    EXPECT_EQ(read.frames[0].time, 3000U);
  }
}

TEST(HostileCapture, RandomDamageNeverGivesMoreFramesThanBytesCanHold) {
  std::mt19937 random(7);
  for (const Bytes& whole :
       {pcap({}, {kFrame, kFrame}), pcap({.big_endian = true}, {kFrame, kFrame}), pcapng_of_two()}) {
    for (std::size_t round = 0; round < support::rounds(20'000); ++round) {
      Bytes file = whole;
      for (unsigned change = 0; change < 1 + random() % 3; ++change) {
        file[random() % file.size()] = static_cast<std::uint8_t>(random());
      }
      const auto read = read_all(file);
      std::size_t bytes = 0;
      for (const auto& frame : read.frames) bytes += frame.bytes.size();
      ASSERT_LE(bytes, file.size());
      ASSERT_LE(read.frames.size(), file.size() / 8);
    }
  }
}

}  // namespace
}  // namespace parapet::cli
