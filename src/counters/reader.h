// SPDX-License-Identifier: Apache-2.0
// The readers' side of the counter file: checks it, copies it, adds the workers up.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "counters/layout.h"

namespace parapet::counters {

// One reading: plain copies, consistent counter by counter.
struct Reading {
  std::shared_ptr<const Header> header;
  std::vector<WorkerBlock> workers;

  WorkerBlock total() const;  // sums; heartbeat is the oldest, generation the lowest of the workers
};

// Checks magic, version, sizes and counts of a whole counter file before anything of it is believed.
//   errors  malformed · unsupported (other major version)
Result<Reading> parse_counters(ByteView file);

// Opens, maps, copies, closes.  errors: as parse_counters, and not_found · permission · io
Result<Reading> read_counters(const std::string& path);

}  // namespace parapet::counters
