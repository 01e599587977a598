// SPDX-License-Identifier: Apache-2.0
// What counters say about the health of an edge.
#include "app/cli/health.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/cli/status_report.h"

namespace parapet::cli {
namespace {

constexpr Nanoseconds kNow = 1000 * kNanosecondsPerSecond;

// An edge of one pair and one worker that is well.
struct Edge {
  std::shared_ptr<counters::Header> header = std::make_shared<counters::Header>();
  counters::Reading reading;
  std::optional<nlohmann::json> control =
      nlohmann::json{{"published", {{"generation", 7U}}}, {"sources", nlohmann::json::array()}};
  Surroundings now{kNow, kNow, std::string(32, '0')};

  Edge() {
    header->port_count = 2;
    header->ports[1].side = 1;
    for (auto& port : header->ports) port.link_up = 1;
    header->worker_count = 1;
    header->state = 1;
    header->heartbeat_monotonic_ns = kNow - 1'000'000;
    header->applied_generation = 7;
    reading.header = header;
    reading.workers.resize(1);
    worker().heartbeat_monotonic_ns = kNow - 1'000'000;
  }
  counters::WorkerBlock& worker() { return reading.workers[0]; }
  std::vector<std::string> warnings() const {
    std::vector<std::string> codes;
    for (const auto& warning : find_warnings(reading, control, now)) codes.push_back(warning.code);
    return codes;
  }
};

using Codes = std::vector<std::string>;

TEST(Health, AnEdgeThatIsWellGivesNoWarning) { EXPECT_EQ(Edge().warnings(), Codes{}); }

TEST(Health, BadChecksumsWarnAboveOnePercentAndSayWhatToDo) {
  Edge edge;
  edge.worker().checksums_verified = 10'000;
  edge.worker().checksums_bad = 100;
  EXPECT_EQ(edge.warnings(), Codes{});
  edge.worker().checksums_bad = 101;
  EXPECT_EQ(edge.warnings(), Codes{"bad_checksums"});
  EXPECT_NE(find_warnings(edge.reading, edge.control, edge.now)[0].text.find("ethtool -K"), std::string::npos);
}

TEST(Health, AnUninspectedShareOfRequestsAboveOnePercentWarns) {
  Edge edge;
  edge.worker().requests[index_of(Protocol::tls)][index_of(Verdict::pass)] = 990;
  edge.worker().uninspected[index_of(UninspectedReason::record_pool)] = 10;
  EXPECT_EQ(edge.warnings(), Codes{});
  edge.worker().uninspected[index_of(UninspectedReason::header_cap)] = 1;
  EXPECT_EQ(edge.warnings(), Codes{"uninspected"});
}

TEST(Health, FramesPastTheEdgeAreSharesOfFramesNotOfRequests) {
  Edge edge;
  edge.worker().requests[index_of(Protocol::tls)][index_of(Verdict::pass)] = 1;
  edge.worker().rx_frames[1] = 9900;
  edge.worker().uninspected[index_of(UninspectedReason::kernel_bypass)] = 50;
  edge.worker().uninspected[index_of(UninspectedReason::jumbo)] = 50;
  EXPECT_EQ(edge.warnings(), Codes{});
  edge.worker().uninspected[index_of(UninspectedReason::fragment)] = 1;
  EXPECT_EQ(edge.warnings(), Codes{"uninspected"});
}

TEST(Health, MissingAndRefusedListsWarn) {
  Edge edge;
  edge.header->applied_generation = 0;
  edge.header->refusal = static_cast<std::uint32_t>(counters::SnapshotRefusal::checksum);
  EXPECT_EQ(edge.warnings(), (Codes{"no_list", "snapshot_refused", "not_applied"}));
}

TEST(Health, ALinkThatIsDownAndASilentWorkerWarn) {
  Edge edge;
  edge.header->ports[1].link_up = 0;
  edge.worker().heartbeat_monotonic_ns = kNow - kSilence - 1;
  EXPECT_EQ(edge.warnings(), (Codes{"link_down", "worker_silent"}));
}

TEST(Health, WhatTheScopeLockKeepsFromBeingEnforcedWarns) {
  Edge edge;
  auto& control = *edge.control;
  control["sources"] = nlohmann::json::parse(R"([{"name":"in","in_scope":true,"configured_state":"enforce"},
      {"name":"out","in_scope":false,"configured_state":"enforce"},
      {"name":"counting","in_scope":false,"configured_state":"shadow"}])");
  control["scope"] = {{"state", "none"}, {"sequence", 0U}};
  EXPECT_EQ(edge.warnings(), Codes{"no_scope_lock"});
  control["scope"] = {{"state", "in_force"}, {"sequence", 1U}};
  EXPECT_EQ(edge.warnings(), Codes{"source_out_of_scope"});
  control["scope"] = {{"state", "refused"}, {"sequence", 1U}, {"error_context", "older"}};
  EXPECT_EQ(edge.warnings(), (Codes{"scope_lock_refused", "source_out_of_scope"}));
  control["scope"] = 5;
  EXPECT_EQ(edge.warnings(), Codes{}) << "of another version";
}

TEST(Health, ASilentControlPlaneAndFailingSourcesWarn) {
  Edge edge;
  edge.control.reset();
  EXPECT_EQ(edge.warnings(), Codes{"control_silent"});
  edge.control = nlohmann::json::parse(R"({"published":{"generation":8,"time":1.5,"error_code":"io"},
      "sources":[{"name":"good","error_code":""},{"name":"bad","error_code":"timeout"},17,{"error_code":5}]})");
  EXPECT_EQ(edge.warnings(), (Codes{"not_applied", "publication_failing", "source_failing"}));
}

TEST(Health, AnEdgeRunsOnlyWithAFreshHeartbeatOfThisBoot) {
  Edge edge;
  EXPECT_TRUE(edge_runs(*edge.header, edge.now));
  edge.header->heartbeat_monotonic_ns = kNow - kSilence - 1;
  EXPECT_FALSE(edge_runs(*edge.header, edge.now));
  edge.header->heartbeat_monotonic_ns = kNow;
  edge.header->boot_id[0] = 1;
  EXPECT_FALSE(edge_runs(*edge.header, edge.now));
  edge.now.boot_id.clear();
  EXPECT_TRUE(edge_runs(*edge.header, edge.now));
}

TEST(Health, TheBootIdOfThisMachineHas32Digits) { EXPECT_EQ(look_around().boot_id.size(), 32U); }

TEST(StatusReport, TellsTheSameInTextAndJson) {
  Edge edge;
  edge.header->ports[0].kind = edge.header->ports[1].kind = 1;
  edge.worker().rx_frames[0] = 1234;
  edge.worker().reasons[index_of(FrameReason::drop_listed)] = 3;
  edge.worker().requests[index_of(Protocol::dns)][index_of(Verdict::block)] = 3;
  StatusReport report;
  report.edge = edge.reading;
  report.edge_runs = true;
  report.control_error = "parapetd does not listen";
  report.now = edge.now;
  report.warnings = find_warnings(edge.reading, std::nullopt, edge.now);

  const auto json = format_json(report);
  EXPECT_EQ(json["edge"]["state"], "running");
  EXPECT_EQ(json["edge"]["deployment"], "hybrid");
  EXPECT_EQ(json["edge"]["traffic"]["reasons"], (nlohmann::ordered_json{{"drop_listed", 3}}));
  EXPECT_EQ(json["edge"]["traffic"]["requests"]["dns"]["block"], 3);
  EXPECT_EQ(json["control"]["error"], "parapetd does not listen");
  EXPECT_EQ(json["warnings"][0]["code"], "control_silent");

  std::ostringstream text;
  print_text(report, text);
  for (const char* part :
       {"running (hybrid)", "generation 7", "1,234 from subscribers", "drop_listed", "WARNING control_silent"}) {
    EXPECT_NE(text.str().find(part), std::string::npos) << part << "\n" << text.str();
  }
}

}  // namespace
}  // namespace parapet::cli
