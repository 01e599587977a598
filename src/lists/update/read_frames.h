// SPDX-License-Identifier: Apache-2.0
// What parapetd and its reading child say to each other; the feed itself stands in the feed's memory.
//
//   request  "PRQ1", then the fields of ReadRequest
//   reply    "PRR1", u8 type (2 list, 3 error, 4 increment), then fields: a digested list
//            (lists/compile/digested_list.h) and what guards saw in it (lists/hold/findings_fields.h); of an increment
//            also its base and the removed entries as a digested list · error code's name, a line feed, its context
//
// The child has read hostile bytes, so its reply is one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/guarded_list.h"
#include "lists/fetch/fetch.h"
#include "lists/guard/guard_names.h"
#include "lists/verify/openpgp.h"

namespace parapet::lists {

struct ReadRequest {
  config::SourceOptions source;  // what concerns fetching is left out
  FeedHead head;
  digest::Key digest_key{};
  Nanoseconds trusted_now_realtime_ns = 0;
  std::vector<GuardFile> guard_files;
  std::optional<OpenPgpAnswer> openpgp;  // with OpenPGP keys
  std::vector<std::uint8_t> data_key;    // to seal the entries under, into kEntriesFd; empty: they are not kept
};

std::vector<std::uint8_t> format_read_request(const ReadRequest& request);
Result<ReadRequest> parse_read_request(ByteView bytes);

std::vector<std::uint8_t> format_read_reply(const Result<GuardedList>& reply, const digest::Key& key);
// The child's own error comes back as such; what is no reply is malformed or integrity.
//   REQUIRES  the lists in it must bear this source's name
Result<GuardedList> parse_read_reply(ByteView bytes, const digest::Key& key, const std::string& source_name);

}  // namespace parapet::lists
