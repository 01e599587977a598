// SPDX-License-Identifier: Apache-2.0
// What a scrape says of the edge's counters and of the sources.
#include "metrics/metrics_server.h"

#include <gtest/gtest.h>
#include <cstring>

#include "fake_clock.h"
#include "snapshot/builder.h"

namespace parapet::metrics {
namespace {

counters::Reading sample_edge(Nanoseconds now_ns) {
  auto header = std::make_shared<counters::Header>();
  header->heartbeat_monotonic_ns = now_ns - 500'000'000;
  header->applied_generation = 6;
  header->refused_snapshots = 2;
  header->refusal = 5;
  header->list_count = 2;
  header->list_id[0] = snapshot::list_id_of("hotline");
  header->list_id[1] = 42;
  header->port_count = 2;
  std::memcpy(header->ports[0].pair_name, "peering-1", 9);
  header->ports[0].link_up = 1;
  header->ports[0].rx_missed = 3;
  std::memcpy(header->ports[1].pair_name, "192.0.2.1", 9);  // no name: not believed
  header->ports[1].side = 1;
  header->ports[1].kind = 1;
  header->ports[1].kernel_bypassed_frames = 8;
  counters::Reading reading{header, {}};
  reading.workers.resize(2);
  reading.workers[0].reasons[index_of(FrameReason::drop_listed)] = 4;
  reading.workers[1].reasons[index_of(FrameReason::drop_listed)] = 5;
  reading.workers[0].requests[index_of(Protocol::tls)][index_of(Verdict::block)] = 7;
  reading.workers[0].list_hits[0][index_of(Protocol::dns)] = 11;
  reading.workers[0].list_hits[1][index_of(Protocol::dns)] = 13;
  return reading;
}

lists::UpdateStatus sample_status() {
  lists::UpdateStatus status;
  status.published.generation = 7;
  lists::SourceStatus source;
  source.name = "hotline";
  source.state = config::SourceState::enforce;
  source.loaded = true;
  source.polls = 10;
  source.failures = 3;
  source.is_stale = true;
  source.last_success_realtime_ns = 1'790'000'000'500'000'000;
  source.ledger.entries_by_kind = {2, 1, 0, 0};
  source.ledger.by_protocol[index_of(Protocol::quic)] = {0, 0, 3};
  status.sources.push_back(source);
  return status;
}

class MetricsTest : public testing::Test {
 protected:
  std::string render() {
    MetricsServer server({clock, {"hotline"}, sample_status, [this]() -> Result<counters::Reading> {
                            if (!edge_there) return fail(ErrorCode::not_found, "no edge");
                            return sample_edge(clock.monotonic_ns());
                          }});
    for (const auto& applied : observed) server.observe(applied);
    return server.render();
  }
  bool has(const std::string& line) { return render().find("\n" + line + "\n") != std::string::npos; }

  support::FakeClock clock;
  bool edge_there = true;
  std::vector<lists::Applied> observed;
};

TEST_F(MetricsTest, TheEdgesCountersAreAddedUpOverWorkers) {
  EXPECT_TRUE(has("parapet_frames_total{reason=\"drop_listed\"} 9"));
  EXPECT_TRUE(has("parapet_requests_total{protocol=\"tls\",verdict=\"block\"} 7"));
  EXPECT_TRUE(has("parapet_generation{state=\"applied\"} 6"));
  EXPECT_TRUE(has("parapet_generation{state=\"published\"} 7"));
  EXPECT_TRUE(has("parapet_edge_up 1"));
  EXPECT_TRUE(has("parapet_edge_heartbeat_age_seconds 0.5"));
  EXPECT_TRUE(has("parapet_snapshot_refusal{refusal=\"checksum\"} 1"));
  EXPECT_TRUE(has("parapet_snapshot_refusal{refusal=\"none\"} 0"));
}

TEST_F(MetricsTest, EveryReasonIsThereAlsoAtZero) {
  const auto text = render();
  for (const auto name : kFrameReasonNames) {
    EXPECT_NE(text.find("parapet_frames_total{reason=\"" + std::string(name) + "\"}"), std::string::npos) << name;
  }
  for (const auto name : kUninspectedNames) {
    EXPECT_NE(text.find("parapet_uninspected_total{reason=\"" + std::string(name) + "\"}"), std::string::npos) << name;
  }
}

TEST_F(MetricsTest, LabelsAreConfiguredNamesOrUnknown) {
  EXPECT_TRUE(has("parapet_list_hits_total{list=\"hotline\",protocol=\"dns\"} 11"));
  EXPECT_TRUE(has("parapet_list_hits_total{list=\"unknown\",protocol=\"dns\"} 13"));
  EXPECT_TRUE(has("parapet_port_missed_total{pair=\"peering-1\",side=\"subscriber\"} 3"));
  EXPECT_TRUE(has("parapet_port_kernel_bypassed_total{pair=\"unknown\",side=\"transit\"} 8"));
  EXPECT_EQ(render().find("192.0.2"), std::string::npos);
}

TEST_F(MetricsTest, ASilentEdgeIsDown) {
  edge_there = false;
  EXPECT_TRUE(has("parapet_edge_up 0"));
  EXPECT_EQ(render().find("parapet_frames_total{"), std::string::npos);
}

TEST_F(MetricsTest, SourcesAndTheirLedgerAreTold) {
  EXPECT_TRUE(has("parapet_source_polls_total{source=\"hotline\",outcome=\"success\"} 7"));
  EXPECT_TRUE(has("parapet_source_last_success_timestamp_seconds{source=\"hotline\"} 1790000000.5"));
  EXPECT_TRUE(has("parapet_source_stale{source=\"hotline\"} 1"));
  EXPECT_TRUE(has("parapet_source_entries{source=\"hotline\",kind=\"host\"} 2"));
  EXPECT_TRUE(
      has("parapet_source_ledger_entries{source=\"hotline\",protocol=\"quic\",enforceability=\"unenforceable\"} 3"));
  EXPECT_TRUE(has("parapet_source_state{source=\"hotline\",state=\"enforce\"} 1"));
}

TEST_F(MetricsTest, TimesToEnforceAndToReleaseAreHistograms) {
  observed = {{1, 0, 0.05, {}}, {2, 0, 0.6, 0.5}, {3, 0, 9999.0, {}}};
  EXPECT_TRUE(has("parapet_time_to_release_seconds_bucket{le=\"0.25\"} 0"));
  EXPECT_TRUE(has("parapet_time_to_release_seconds_bucket{le=\"0.5\"} 1"));
  EXPECT_TRUE(has("parapet_time_to_release_seconds_sum 0.5"));
  EXPECT_TRUE(has("parapet_time_to_enforce_seconds_bucket{le=\"0.1\"} 1"));
  EXPECT_TRUE(has("parapet_time_to_enforce_seconds_bucket{le=\"1\"} 2"));
  EXPECT_TRUE(has("parapet_time_to_enforce_seconds_bucket{le=\"3600\"} 2"));
  EXPECT_TRUE(has("parapet_time_to_enforce_seconds_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(has("parapet_time_to_enforce_seconds_count 3"));
}

TEST_F(MetricsTest, AnAddressThatCannotBeListenedOnIsNamed) {
  MetricsServer server(
      {clock, {}, sample_status, []() -> Result<counters::Reading> { return fail(ErrorCode::not_found, ""); }});
  const auto status = server.listen("203.0.113.1:9464");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace parapet::metrics
