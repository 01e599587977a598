// SPDX-License-Identifier: Apache-2.0
// Status for programs.
#include "app/cli/status_report.h"

#include <cstring>

namespace parapet::cli {
namespace {

using Json = nlohmann::ordered_json;

// Counters with the names of counters/names.h; zeros are left out.
template <typename Names>
Json named(const std::uint64_t* values, const Names& names) {
  Json object = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (values[i] != 0) object[std::string(names[i])] = values[i];
  }
  return object;
}

Json ports_of(const counters::Header& header) {
  Json ports = Json::array();
  for (std::uint32_t i = 0; i < header.port_count; ++i) {
    const auto& port = header.ports[i];
    ports.push_back({{"pair", pair_name_of(port)},
                     {"side", port.side == 0 ? "subscriber" : "transit"},
                     {"kind", port.kind == 0 ? "ethdev" : "af_xdp"},
                     {"link_up", port.link_up != 0},
                     {"rx_missed", port.rx_missed},
                     {"rx_no_buffer", port.rx_no_buffer},
                     {"tx_errors", port.tx_errors},
                     {"kernel_bypassed_frames", port.kernel_bypassed_frames},
                     {"kernel_jumbo_frames", port.kernel_jumbo_frames},
                     {"kernel_dropped_frames", port.kernel_dropped_frames}});
  }
  return ports;
}

Json traffic_of(const counters::WorkerBlock& total) {
  Json requests = Json::object();
  for (std::size_t i = 0; i < kProtocolNames.size(); ++i) {
    Json verdicts = named(total.requests[i], kVerdictNames);
    if (!verdicts.empty()) requests[std::string(kProtocolNames[i])] = std::move(verdicts);
  }
  return {{"rx_frames", {{"subscriber", total.rx_frames[0]}, {"transit", total.rx_frames[1]}}},
          {"tx_frames", {{"subscriber", total.tx_frames[0]}, {"transit", total.tx_frames[1]}}},
          {"rx_bytes", {{"subscriber", total.rx_bytes[0]}, {"transit", total.rx_bytes[1]}}},
          {"tx_bytes", {{"subscriber", total.tx_bytes[0]}, {"transit", total.tx_bytes[1]}}},
          {"reasons", named(total.reasons, kFrameReasonNames)},
          {"requests", std::move(requests)},
          {"uninspected", named(total.uninspected, kUninspectedNames)},
          {"actions", named(total.actions, kActionNames)},
          {"checksums_verified", total.checksums_verified},
          {"checksums_bad", total.checksums_bad},
          {"ech_present", total.ech_present},
          {"records_in_use", total.records_in_use},
          {"strays_sent", total.strays_sent}};
}

Json edge_of(const StatusReport& report) {
  const auto& header = *report.edge->header;
  Json workers = Json::array();
  for (const auto& worker : report.edge->workers) {
    workers.push_back(
        {{"heartbeat_age_ns", age_of(worker.heartbeat_monotonic_ns, report.now)}, {"generation", worker.generation}});
  }
  return {{"state", state_of(report)},
          {"deployment", deployment_of(header)},
          {"start_realtime_ns", header.start_realtime_ns},
          {"heartbeat_age_ns", age_of(header.heartbeat_monotonic_ns, report.now)},
          {"applied_generation", header.applied_generation},
          {"applied_realtime_ns", header.applied_realtime_ns},
          {"published_realtime_ns", header.published_realtime_ns},
          {"refusal", name_of(static_cast<counters::SnapshotRefusal>(header.refusal))},
          {"refused_generation", header.refused_generation},
          {"refused_snapshots", header.refused_snapshots},
          {"injections_failed", header.injections_failed},
          {"workers", std::move(workers)},
          {"ports", ports_of(header)},
          {"traffic", traffic_of(report.edge->total())}};
}

}  // namespace

nlohmann::ordered_json format_json(const StatusReport& report) {
  Json document;
  document["edge"] = report.edge ? edge_of(report) : Json{{"state", "unknown"}, {"error", report.edge_error}};
  document["control"] = report.control ? Json(*report.control) : Json{{"error", report.control_error}};
  document["warnings"] = Json::array();
  for (const auto& warning : report.warnings) {
    document["warnings"].push_back({{"code", warning.code}, {"text", warning.text}});
  }
  return document;
}

std::string_view deployment_of(const counters::Header& header) noexcept {
  bool ethdev = false, af_xdp = false;
  for (std::uint32_t i = 0; i < header.port_count; ++i) (header.ports[i].kind == 0 ? ethdev : af_xdp) = true;
  return ethdev && af_xdp ? "mixed" : af_xdp ? "hybrid" : "dpdk";
}

std::string_view state_of(const StatusReport& report) noexcept {
  if (!report.edge) return "unknown";
  if (!report.edge_runs) return "not running";
  switch (report.edge->header->state) {
    case 0: return "starting";
    case 1: return "running";
    case 2: return "stopping";
    default: return "unknown";
  }
}

std::string pair_name_of(const counters::PortBlock& port) {
  const auto* name = reinterpret_cast<const char*>(port.pair_name);
  return {name, ::strnlen(name, sizeof port.pair_name)};
}

}  // namespace parapet::cli
