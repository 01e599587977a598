// SPDX-License-Identifier: Apache-2.0
// Starts a child of parapetd, feeds it one request, takes its reply and sees it end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "lists/update/stop_signal.h"

namespace parapet::lists {

inline constexpr int kFeedFd = 3;     // where a child finds the feed's memory
inline constexpr int kEntriesFd = 4;  // where the reading child finds memory for sealed entries

struct ChildRun {
  std::string program;         // started with the argument alone
  std::string_view argument;   // what it is to do
  std::string_view name;       // in errors: "the NAME child"
  ByteView request;            // to its standard input
  int feed_fd;                 // becomes its kFeedFd
  std::uint64_t allowance_ms;  // then it is killed
  std::size_t max_reply;       // bytes; a child that says more is killed
  int entries_fd = -1;         // becomes its kEntriesFd; -1: it has none
};

// The bytes that the child wrote to its standard output; never empty. It is killed when the allowance is over and when
// `stop` is raised.
//   REQUIRES SIGPIPE ignored
//   errors  timeout · limit · unavailable (it died or said nothing, or we stop) · not_found · io
//   thread  any
Result<std::vector<std::uint8_t>> run_child(const ChildRun& run, const StopSignal& stop);

}  // namespace parapet::lists
