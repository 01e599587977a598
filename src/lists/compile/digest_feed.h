// SPDX-License-Identifier: Apache-2.0
// The last place where listed names stand in clear: a verified feed goes in, a list of digests comes out.
#pragma once

#include <functional>

#include "base/ids.h"
#include "canon/entry.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/guarded_list.h"
#include "lists/verify/verify.h"

namespace parapet::lists {

// Sees each entry in clear on its way.
using EntryVisitor = std::function<void(const canon::Entry&, EntryId)>;

// Reads, canonicalises, guards and digests. Called in the reading child alone.
//   visit   called for each entry, doubles too
//   visit   not for what an increment removes
//   out     everything but findings, sequence and fetched_realtime_ns; an empty list only where it is signed or
//           allow_empty, or an increment
//   errors  malformed (counts and reasons of wrong lines) · refused · limit
Result<GuardedList> digest_feed(const VerifiedFeed& feed, const config::SourceOptions& source, const digest::Key& key,
                                const EntryVisitor& visit = nullptr);

}  // namespace parapet::lists
