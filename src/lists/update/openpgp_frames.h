// SPDX-License-Identifier: Apache-2.0
// What parapetd and its verifying child say to each other; the list itself stands in the feed's memory.
//
//   request  "POQ1", count and bytes of the keyrings, the signature file
//   reply    "POR1", u8 type: 1 answer, then the fields of OpenPgpAnswer · 3 error
//
// The child has run a program over hostile bytes, so its reply is hostile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/frame_fields.h"
#include "base/result.h"
#include "lists/verify/openpgp.h"

namespace parapet::lists {

struct OpenPgpRequest {
  std::vector<std::vector<std::uint8_t>> keyrings;  // binary, a source's at least one
  std::string signature;                            // as it came
};

inline constexpr std::size_t kMaxOpenPgpRequest = 60 << 10;
inline constexpr std::size_t kMaxOpenPgpReply = kMaxOpenPgpStatus + 2048;

std::vector<std::uint8_t> format_openpgp_request(const OpenPgpRequest& request);
Result<OpenPgpRequest> parse_openpgp_request(ByteView bytes);

std::vector<std::uint8_t> format_openpgp_reply(const Result<OpenPgpAnswer>& reply);
// The child's own error comes back as such; what is no reply is malformed. The answer is not judged here.
Result<OpenPgpAnswer> parse_openpgp_reply(ByteView bytes);

// The answer as fields of a frame; shared with the reading child's request (read_frames.h).
void write_openpgp_answer(FrameWriter& writer, const OpenPgpAnswer& answer);
OpenPgpAnswer read_openpgp_answer(FrameReader& reader);

}  // namespace parapet::lists
