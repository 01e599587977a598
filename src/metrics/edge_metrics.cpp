// SPDX-License-Identifier: Apache-2.0
// Samples from the counter file.
#include "metrics/edge_metrics.h"

#include <array>

#include "config/toml_table.h"
#include "snapshot/builder.h"

namespace parapet::metrics {
namespace {

constexpr std::array<std::string_view, counters::kSides> kSideNames{"subscriber", "transit"};
// In the order of counters::SnapshotRefusal.
constexpr std::array<std::string_view, 7> kRefusalNames{"none", "unreadable", "malformed", "version",
                                                        "key",  "checksum",   "older"};

// The counter file is another process's: a pair's name is believed only where it is one.
std::string_view pair_name(const counters::PortBlock& port) {
  const std::string_view padded(reinterpret_cast<const char*>(port.pair_name), sizeof port.pair_name);
  const auto name = padded.substr(0, padded.find('\0'));
  return config::is_name(name) ? name : "unknown";
}

std::string_view list_name(std::uint64_t list_id, std::span<const std::string> names) {
  for (const auto& name : names) {
    if (snapshot::list_id_of(name) == list_id) return name;
  }
  return "unknown";
}

void add_traffic(Scrape& scrape, const counters::WorkerBlock& total) {
  for (std::size_t side = 0; side < counters::kSides; ++side) {
    scrape.add(Family::received_frames_total, total.rx_frames[side], {kSideNames[side]});
    scrape.add(Family::received_bytes_total, total.rx_bytes[side], {kSideNames[side]});
    scrape.add(Family::sent_frames_total, total.tx_frames[side], {kSideNames[side]});
    scrape.add(Family::sent_bytes_total, total.tx_bytes[side], {kSideNames[side]});
  }
  for (std::size_t i = 0; i < kCountOf<FrameReason>; ++i) {
    scrape.add(Family::frames_total, total.reasons[i], {kFrameReasonNames[i]});
  }
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    scrape.add(Family::uninspected_total, total.uninspected[i], {kUninspectedNames[i]});
  }
  for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
    for (std::size_t verdict = 0; verdict < kCountOf<Verdict>; ++verdict) {
      scrape.add(Family::requests_total, total.requests[protocol][verdict],
                 {kProtocolNames[protocol], kVerdictNames[verdict]});
    }
  }
  for (std::size_t i = 0; i < kCountOf<ActionKind>; ++i) {
    scrape.add(Family::actions_total, total.actions[i], {kActionNames[i]});
  }
  scrape.add(Family::checksums_verified_total, total.checksums_verified);
  scrape.add(Family::checksums_bad_total, total.checksums_bad);
  scrape.add(Family::ech_present_total, total.ech_present);
  scrape.add(Family::strays_total, total.strays_sent);
  scrape.add(Family::records_in_use, total.records_in_use);
}

void add_list_hits(Scrape& scrape, const counters::Reading& edge, const counters::WorkerBlock& total,
                   std::span<const std::string> names) {
  const std::size_t count = std::min<std::size_t>(edge.header->list_count, counters::kMaxLists);
  std::array<std::uint64_t, kCountOf<Protocol>> unknown{};
  bool any_unknown = false;
  for (std::size_t list = 0; list < count; ++list) {
    const auto name = list_name(edge.header->list_id[list], names);
    for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
      if (name == "unknown") {
        unknown[protocol] += total.list_hits[list][protocol];
        any_unknown = true;
      } else {
        scrape.add(Family::list_hits_total, total.list_hits[list][protocol], {name, kProtocolNames[protocol]});
      }
    }
  }
  if (!any_unknown) return;
  for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
    scrape.add(Family::list_hits_total, unknown[protocol], {"unknown", kProtocolNames[protocol]});
  }
}

void add_ports(Scrape& scrape, const counters::Header& header) {
  for (std::size_t i = 0; i < header.port_count; ++i) {
    const auto& port = header.ports[i];
    const auto pair = pair_name(port);
    const auto side = kSideNames[port.side == 0 ? 0 : 1];
    scrape.add(Family::port_link_up, std::uint64_t{port.link_up}, {pair, side});
    scrape.add(Family::port_missed_total, port.rx_missed, {pair, side});
    scrape.add(Family::port_no_buffer_total, port.rx_no_buffer, {pair, side});
    scrape.add(Family::port_send_errors_total, port.tx_errors, {pair, side});
    if (port.kind != 1) continue;
    scrape.add(Family::port_kernel_bypassed_total, port.kernel_bypassed_frames, {pair, side});
    scrape.add(Family::port_kernel_jumbo_total, port.kernel_jumbo_frames, {pair, side});
    scrape.add(Family::port_kernel_dropped_total, port.kernel_dropped_frames, {pair, side});
  }
}

}  // namespace

Nanoseconds heartbeat_age_ns(const counters::Header& header, Nanoseconds monotonic_now_ns) noexcept {
  const Nanoseconds beat = header.heartbeat_monotonic_ns;
  return beat < monotonic_now_ns ? monotonic_now_ns - beat : 0;
}

void add_edge_metrics(Scrape& scrape, const counters::Reading& edge, std::span<const std::string> list_names,
                      Nanoseconds monotonic_now_ns) {
  const auto& header = *edge.header;
  const Nanoseconds age = heartbeat_age_ns(header, monotonic_now_ns);
  scrape.add(Family::edge_up, std::uint64_t{age < kHeartbeatLimitNs ? 1u : 0u});
  scrape.add(Family::edge_heartbeat_age_seconds, static_cast<double>(age) / 1e9);
  scrape.add(Family::edge_start_time_seconds, static_cast<double>(header.start_realtime_ns) / 1e9);
  scrape.add(Family::generation, header.applied_generation, {"applied"});
  scrape.add(Family::snapshots_refused_total, header.refused_snapshots);
  for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
    scrape.add(Family::snapshot_refusal, std::uint64_t{header.refusal == i ? 1u : 0u}, {kRefusalNames[i]});
  }
  scrape.add(Family::injections_failed_total, header.injections_failed);
  const auto total = edge.total();
  add_traffic(scrape, total);
  add_list_hits(scrape, edge, total, list_names);
  add_ports(scrape, header);
}

}  // namespace parapet::metrics
