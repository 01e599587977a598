// SPDX-License-Identifier: Apache-2.0
// One poll of one source: the fetching child brings the feed, the reading child makes a digested and guarded list of
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/guarded_list.h"
#include "lists/fetch/fetch.h"
#include "lists/update/entries_memory.h"
#include "lists/update/stop_signal.h"

namespace parapet::lists {

struct PollRequest {
  config::SourceOptions source;
  std::string etag;  // of the version held; empty: none
  std::string last_modified;
  Nanoseconds trusted_now_realtime_ns = 0;  // lists/verify/trusted_clock.h
  config::GuardOptions guard;
  const EntriesMemory* entries = nullptr;  // where the sealed entries go; nullptr: they are not kept
};

// Guard data that is missing or old is among the findings.
using PollReply = std::variant<NotModified, GuardedList>;

// Runs PROGRAM --fetch-source and, where something was fetched, PROGRAM --read-source.
//   REQUIRES SIGPIPE ignored
//   errors  the children's own · timeout · limit · malformed · integrity · unavailable (one died, or we stop) · io
//   thread  any
Result<PollReply> read_source(const std::string& program, const PollRequest& request, const digest::Key& key,
                              const StopSignal& stop);

// Runs PROGRAM --fetch-source, which sends the report to the source's report.url with the source's credentials. What
// the source answers is not read; a status of 200 to 299 is delivery.
//   REQUIRES, errors, thread  as read_source
Status send_report(const std::string& program, const config::SourceOptions& source, std::string_view report,
                   const StopSignal& stop);

// The reading child alone, over a list that somebody holds already, in memory as a fetching child leaves it; whether it
// is signed is not looked at.
//   memory   sealed
//   allowance_ms  then the child is killed
//   REQUIRES, errors, thread  as read_source
Result<GuardedList> read_given(const std::string& program, const PollRequest& request, int memory,
                               std::uint64_t allowance_ms, const digest::Key& key, const StopSignal& stop);

}  // namespace parapet::lists
