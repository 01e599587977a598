// SPDX-License-Identifier: Apache-2.0
// The frames between parapetd and its verifying child; the child's are hostile.
#include "lists/update/openpgp_frames.h"

#include <gtest/gtest.h>
#include <random>

namespace parapet::lists {
namespace {

const OpenPgpAnswer kAnswer{2, "[GNUPG:] NODATA 1\n", 77};

TEST(OpenPgpFrames, ARequestIsReadBackAsItWasWritten) {
  const OpenPgpRequest request{{{1, 2, 0}, {3}}, std::string("\x88\0sig", 5)};
  const auto bytes = format_openpgp_request(request);
  const auto back = parse_openpgp_request(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->keyrings, request.keyrings);
  EXPECT_EQ(back->signature, request.signature);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_openpgp_request(ByteView(bytes).first(size))) << size;
  }
  EXPECT_FALSE(parse_openpgp_request(format_openpgp_request({{}, "x"}))) << "no key would mean any key";
}

TEST(OpenPgpFrames, RepliesOfEachTypeAreReadBack) {
  const auto back = parse_openpgp_reply(format_openpgp_reply(kAnswer));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->exit_status, 2);
  EXPECT_EQ(back->status, kAnswer.status);
  EXPECT_EQ(back->clock_realtime_ns, 77u);
  EXPECT_EQ(parse_openpgp_reply(format_openpgp_reply(OpenPgpAnswer{-1, {}, 0}))->exit_status, -1);
  const auto error = parse_openpgp_reply(format_openpgp_reply(fail(ErrorCode::unavailable, "no gpgv")));
  EXPECT_EQ(error.error().code, ErrorCode::unavailable);
  EXPECT_EQ(error.error().context, "no gpgv");
}

TEST(OpenPgpFrames, CutAndRandomRepliesAreNamedErrors) {
  const auto good = format_openpgp_reply(kAnswer);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_openpgp_reply(ByteView(good).first(size))) << size;
  }
  const auto long_one = format_openpgp_reply(OpenPgpAnswer{0, std::string(kMaxOpenPgpStatus + 1, 'x'), 0});
  EXPECT_FALSE(parse_openpgp_reply(long_one));
  std::minstd_rand random{3};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> bytes(random() % 100);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (bytes.size() > 9) std::copy_n("POR1\x01\0\0\0", 8, bytes.begin());
    EXPECT_FALSE(parse_openpgp_reply(bytes));
  }
}

}  // namespace
}  // namespace parapet::lists
