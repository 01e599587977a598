// SPDX-License-Identifier: Apache-2.0
// The requests that replay found: JSON lines for programs, a table for eyes.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "app/cli/replay_lists.h"
#include "app/cli/text_table.h"
#include "packet/pipeline/pipeline.h"

namespace parapet::cli {

struct ReportStyle {
  bool json = false;
  bool show_requests = false;  // addresses, names and targets: personal data
};

// A DNS name whose labels hold other bytes than letters, digits and the like, with those as \DDD.  RFC 1035 §5.1
std::string escape_dns_name(ByteView dotted);

// Writes each request to `out` as it comes, as JSON, or gathers them for a table.
//   thread  that of the pipeline
class RequestReport final : public packet::RequestSink {
 public:
  RequestReport(std::ostream& out, const ReplayLists& lists, ReportStyle style);

  void begin_file(std::string name);
  // The capture's numbers of the frames of the burst that is processed next.
  void begin_burst(std::span<const std::uint64_t> frame_numbers) noexcept { frame_numbers_ = frame_numbers; }
  void request(const Seen& seen) override;

  // The table, where the style is not JSON.
  void finish();

  std::uint64_t requests(Protocol protocol, Verdict verdict) const noexcept {
    return counts_[index_of(protocol)][index_of(verdict)];
  }

 private:
  void write_json(const Seen& seen, std::uint64_t frame, const std::vector<std::string>& entries);
  void add_row(const Seen& seen, std::uint64_t frame, const std::vector<std::string>& entries);

  std::ostream& out_;
  const ReplayLists& lists_;
  ReportStyle style_;
  std::string file_;
  std::span<const std::uint64_t> frame_numbers_;
  TextTable table_;
  std::array<std::array<std::uint64_t, kCountOf<Verdict>>, kCountOf<Protocol>> counts_{};
};

}  // namespace parapet::cli
