// SPDX-License-Identifier: Apache-2.0
// One capture through the packet's way.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/cli/byte_source.h"
#include "app/cli/replay_lists.h"
#include "app/cli/request_report.h"
#include "base/address_prefix.h"
#include "base/result.h"

namespace parapet::cli {

struct ReplayOptions {
  bool verify_checksums = false;
  std::vector<AddressPrefix> subscribers;
};

struct ReplayOutcome {
  std::uint64_t frames = 0;
  counters::WorkerBlock counters{};
  std::vector<std::string> warnings;  // what was not read, and why
};

// A pipeline of its own for each capture, so that no stream runs from one into the next. Frames go in bursts, as on a
// port; time is the capture's, also what lists end by, and stands still where that goes back.
//   size_hint  bytes of the capture: the tables are made in proportion
//   errors     as open_capture and packet::Pipeline::create
Result<ReplayOutcome> replay_capture(ByteSource& source, std::uint64_t size_hint, const ReplayLists& lists,
                                     const ReplayOptions& options, RequestReport& report);

}  // namespace parapet::cli
