// SPDX-License-Identifier: Apache-2.0
// Status for eyes.
#include "app/cli/status_report.h"

#include "app/cli/answer_fields.h"
#include "app/cli/text_table.h"

namespace parapet::cli {
namespace {

std::uint64_t entries_of(const nlohmann::json& source) {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : field_at(source, "entries").items()) {
    if (count.is_number_unsigned()) sum += count.get<std::uint64_t>();
  }
  return sum;
}

std::string words_of(const nlohmann::json& texts) {
  std::string words;
  for (const auto& text : texts) {
    if (text.is_string()) words += (words.empty() ? "" : ", ") + text.get<std::string>();
  }
  return words;
}

void print_edge(const StatusReport& report, std::ostream& out) {
  const auto& header = *report.edge->header;
  const auto since = [&](std::uint64_t realtime_ns) {
    return report.now.realtime_ns > realtime_ns ? duration_text(report.now.realtime_ns - realtime_ns)
                                                : std::string("0 ms");
  };
  out << "edge        " << state_of(report) << " (" << deployment_of(header) << "), "
      << (report.edge_runs ? "up " + since(header.start_realtime_ns) + ", " : std::string()) << "last heartbeat "
      << (report.edge_runs ? duration_text(age_of(header.heartbeat_monotonic_ns, report.now)) + " ago"
                           : std::string("long ago"))
      << ", " << header.worker_count << (header.worker_count == 1 ? " worker\n" : " workers\n");
  out << "list        ";
  if (header.applied_generation == 0) {
    out << "none in force\n";
  } else {
    out << "generation " << header.applied_generation << ", published " << time_text(header.published_realtime_ns)
        << ", applied " << time_text(header.applied_realtime_ns) << '\n';
  }
  if (header.refused_snapshots > 0) {
    out << "            " << with_thousands(header.refused_snapshots) << " snapshots refused, the last of generation "
        << header.refused_generation << '\n';
  }
}

void print_ports(const counters::Header& header, std::ostream& out) {
  TextTable table({{"pair"},
                   {"side"},
                   {"kind"},
                   {"link"},
                   {"rx missed", Align::right},
                   {"no buffer", Align::right},
                   {"tx errors", Align::right},
                   {"by kernel", Align::right},
                   {"jumbo", Align::right},
                   {"kernel drops", Align::right}});
  for (std::uint32_t i = 0; i < header.port_count; ++i) {
    const auto& port = header.ports[i];
    table.add({pair_name_of(port), port.side == 0 ? "subscriber" : "transit", port.kind == 0 ? "ethdev" : "af_xdp",
               port.link_up != 0 ? "up" : "DOWN", with_thousands(port.rx_missed), with_thousands(port.rx_no_buffer),
               with_thousands(port.tx_errors), with_thousands(port.kernel_bypassed_frames),
               with_thousands(port.kernel_jumbo_frames), with_thousands(port.kernel_dropped_frames)});
  }
  out << "\nports\n";
  table.print(out);
}

void print_frames(const counters::WorkerBlock& total, std::ostream& out) {
  const std::uint64_t received = total.rx_frames[0] + total.rx_frames[1];
  out << "\nframes      in " << with_thousands(total.rx_frames[0]) << " from subscribers, "
      << with_thousands(total.rx_frames[1]) << " from transit; out " << with_thousands(total.tx_frames[0])
      << " to subscribers, " << with_thousands(total.tx_frames[1]) << " to transit\n";
  TextTable table({{"what became of them"}, {"frames", Align::right}, {"share", Align::right}});
  for (std::size_t i = 0; i < kFrameReasonNames.size(); ++i) {
    const std::uint64_t count = total.reasons[i];
    if (count > 0) table.add({std::string(kFrameReasonNames[i]), with_thousands(count), share_text(count, received)});
  }
  if (!table.empty()) table.print(out);
  out << "checksums   " << with_thousands(total.checksums_verified) << " verified, "
      << share_text(total.checksums_bad, total.checksums_verified) << " wrong\n";
}

void print_requests(const counters::WorkerBlock& total, std::ostream& out) {
  TextTable requests({{"requests"}, {"pass", Align::right}, {"shadow", Align::right}, {"block", Align::right}});
  for (std::size_t i = 0; i < kProtocolNames.size(); ++i) {
    requests.add({std::string(kProtocolNames[i]), with_thousands(total.requests[i][index_of(Verdict::pass)]),
                  with_thousands(total.requests[i][index_of(Verdict::shadow)]),
                  with_thousands(total.requests[i][index_of(Verdict::block)])});
  }
  out << '\n';
  requests.print(out, "");

  const auto [missed, of_requests, frames, of_frames] = uninspected_of(total);
  out << "\nuninspected " << share_text(missed, of_requests) << " of the requests, " << share_text(frames, of_frames)
      << " of the frames\n";
  TextTable reasons({{"reason"}, {"count", Align::right}});
  for (std::size_t i = 0; i < kUninspectedNames.size(); ++i) {
    const std::uint64_t count = total.uninspected[i];
    if (count > 0) reasons.add({std::string(kUninspectedNames[i]), with_thousands(count)});
  }
  if (!reasons.empty()) reasons.print(out);

  TextTable actions({{"action"}, {"count", Align::right}});
  for (std::size_t i = 0; i < kActionNames.size(); ++i) {
    if (total.actions[i] > 0) actions.add({std::string(kActionNames[i]), with_thousands(total.actions[i])});
  }
  if (!actions.empty()) {
    out << '\n';
    actions.print(out, "");
  }
}

void print_control(const StatusReport& report, std::ostream& out) {
  out << "\ncontrol     ";
  if (!report.control) {
    out << report.control_error << '\n';
    return;
  }
  const auto& published = field_at(*report.control, "published");
  out << "parapetd " << printable(text_at(*report.control, "version")) << ", published generation "
      << count_at(published, "generation") << " at " << time_text(time_at(published, "time")) << '\n';
  if (const auto& scope = field_at(*report.control, "scope"); count_at(scope, "sequence") != 0) {
    out << "            scope lock " << count_at(scope, "sequence") << ": "
        << printable(words_of(field_at(scope, "categories"))) << "; signed by "
        << printable(words_of(field_at(scope, "signed_by"))) << '\n';
  }
  TextTable table({{"source"},
                   {"state"},
                   {"entries", Align::right},
                   {"version", Align::right},
                   {"fetched"},
                   {"last success"},
                   {"failures in a row", Align::right},
                   {"last error"}});
  for (const auto& source : field_at(*report.control, "sources")) {
    const auto error = text_at(source, "error_code");
    table.add({text_at(source, "name"), text_at(source, "state"), with_thousands(entries_of(source)),
               with_thousands(count_at(source, "sequence")), time_text(time_at(source, "fetched")),
               time_text(time_at(source, "last_success")), with_thousands(count_at(source, "failures_in_a_row")),
               error.empty() ? "-" : error});
  }
  if (!table.empty()) table.print(out);
}

}  // namespace

void print_text(const StatusReport& report, std::ostream& out) {
  if (report.edge) {
    print_edge(report, out);
    print_ports(*report.edge->header, out);
    const auto total = report.edge->total();
    print_frames(total, out);
    print_requests(total, out);
  } else {
    out << "edge        unknown: " << report.edge_error << '\n';
  }
  print_control(report, out);
  for (const auto& warning : report.warnings)
    out << "\nWARNING " << warning.code << ": " << printable(warning.text) << '\n';
}

}  // namespace parapet::cli
