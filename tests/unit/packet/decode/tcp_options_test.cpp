// SPDX-License-Identifier: Apache-2.0
// Options of TCP headers: each is found wherever it stands, and no length leads outside of the header.
#include "packet/decode/tcp_options.h"

#include <gtest/gtest.h>

#include <random>

#include "support_bytes.h"

namespace parapet::packet {
namespace {

using support::Bytes;

TcpOptions options_of(const Bytes& options) {
  Bytes header(20);
  support::append(header, options);
  return read_tcp_options(header);
}

TEST(TcpOptions, TheUsualTimestampIsRead) {
  const TcpOptions options = options_of({1, 1, 8, 10, 0, 0, 1, 2, 0, 0, 3, 4});
  EXPECT_TRUE(options.has_timestamp);
  EXPECT_EQ(options.timestamp, 0x102u);
  EXPECT_EQ(options.echo, 0x304u);
  EXPECT_FALSE(options.is_signed);
}

TEST(TcpOptions, AllOfASynAreRead) {
  const TcpOptions options = options_of({2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7, 30, 4, 0, 1});
  EXPECT_EQ(options.mss, 1460);
  EXPECT_EQ(options.window_scale, 7);
  EXPECT_TRUE(options.has_timestamp);
  EXPECT_EQ(options.timestamp, 9u);
  EXPECT_EQ(options.multipath_offset, 40);
  EXPECT_EQ(options.multipath_length, 4);
}

TEST(TcpOptions, ASignatureIsSeen) {
  Bytes md5{1, 1, 19, 18};
  md5.resize(20);
  EXPECT_TRUE(options_of(md5).is_signed);
  EXPECT_TRUE(options_of({29, 4, 1, 2}).is_signed);
}

TEST(TcpOptions, NothingBehindTheEndOrABrokenLengthIsRead) {
  EXPECT_FALSE(options_of({0, 1, 8, 10, 0, 0, 1, 2, 0, 0, 3, 4}).has_timestamp);
  EXPECT_EQ(options_of({5, 0, 2, 4, 5, 0xb4, 1, 1}).mss, 0);
  EXPECT_EQ(options_of({5, 40, 2, 4, 5, 0xb4, 1, 1}).mss, 0);
  EXPECT_EQ(options_of({1, 1, 1, 2}).mss, 0);
}

TEST(TcpOptions, HostileBytesStayInside) {
  std::mt19937 engine(4);
  for (int i = 0; i < 100000; ++i) {
    Bytes options(engine() % 11 * 4);
    for (std::uint8_t& byte : options) byte = static_cast<std::uint8_t>(engine() % (i % 2 == 0 ? 256 : 32));
    const TcpOptions read = options_of(options);
    EXPECT_LE(std::size_t{read.multipath_offset} + read.multipath_length, 20 + options.size());
  }
}

}  // namespace
}  // namespace parapet::packet
