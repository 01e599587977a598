// SPDX-License-Identifier: Apache-2.0
// Reports that wait for a source: a folder with a file each, which whoever delivers it takes away.
//
//   NUMBER-EVENT-WORD.json   20 digits of the suspension's number, the event's number and name: in order of their names
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lists/report/suspension_report.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxWaitingReports = 1000;

struct WaitingReport {
  std::uint64_t number = 0;  // of the suspension
  SuspensionEvent event{};
};

// Files come whole, by rename, mode 0600.  thread: one that puts, any that look
class Outbox {
 public:
  explicit Outbox(std::string folder) : folder_(std::move(folder)) {}

  // Makes the folder (0700) and those above it where they are missing.
  //   errors  limit (so many wait already) · io · permission
  Status put(const WaitingReport& report, std::string_view text) const;
  std::vector<WaitingReport> waiting() const;  // the oldest first
  //   errors  not_found (somebody took it) · io · limit
  Result<std::string> read(const WaitingReport& report) const;
  Status remove(const WaitingReport& report) const;

 private:
  std::string path_of(const WaitingReport& report) const;
  std::string folder_;
};

}  // namespace parapet::lists
