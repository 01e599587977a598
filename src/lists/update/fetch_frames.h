// SPDX-License-Identifier: Apache-2.0
// What parapetd and its fetching child say to each other. What was fetched goes through the feed's memory, not in here.
//
//   request  "PFQ1", then the fields of FetchRequest in their order
//   reply    "PFR1", u8 type: 1 not modified · 2 fetched, then the fields of FeedHead · 3
//   error
//
// The child has talked with the network, so its reply is hostile.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/frame_fields.h"
#include "base/result.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {

// FeedHead: of the feed that stands in the memory now.
using FetchReply = std::variant<NotModified, FeedHead>;

std::vector<std::uint8_t> format_fetch_request(const FetchRequest& request);
Result<FetchRequest> parse_fetch_request(ByteView bytes);

std::vector<std::uint8_t> format_fetch_reply(const Result<FetchReply>& reply);
// The child's own error comes back as such; what is no reply is malformed.
Result<FetchReply> parse_fetch_reply(ByteView bytes);

// The head as fields of a frame; shared with the reading child's request (read_frames.h).
void write_head(FrameWriter& writer, const FeedHead& head);
FeedHead read_head(FrameReader& reader);

}  // namespace parapet::lists
