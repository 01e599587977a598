// SPDX-License-Identifier: Apache-2.0
// The last place where listed names stand in clear: a verified feed goes in, a list of digests comes out.
#pragma once

#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"
#include "lists/verify/verify.h"

namespace parapet::lists {

// Reads, canonicalises, guards and digests. Called in the reading child alone.
//   out     everything but sequence and fetched_realtime_ns
//   errors  malformed (counts and reasons of wrong lines) · refused · limit
Result<DigestedList> digest_feed(const VerifiedFeed& feed, const config::SourceOptions& source, const digest::Key& key);

}  // namespace parapet::lists
