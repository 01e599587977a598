// SPDX-License-Identifier: Apache-2.0
// prometheus-cpp's exposer over one collector.
#include "metrics/metrics_server.h"

#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>
#include <array>
#include <limits>
#include <mutex>

#include "metrics/edge_metrics.h"
#include "metrics/source_metrics.h"

namespace parapet::metrics {
namespace {

constexpr std::array kTimeToEnforceBounds{0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0};

}  // namespace

class MetricsCollector final : public prometheus::Collectable {
 public:
  explicit MetricsCollector(MetricsNeeds needs) : needs_(std::move(needs)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    Scrape scrape;
    add_source_metrics(scrape, needs_.read_status());
    if (const auto edge = needs_.read_counters()) {
      add_edge_metrics(scrape, *edge, needs_.list_names, needs_.clock.monotonic_ns());
    } else {
      scrape.add(Family::edge_up, std::uint64_t{0});
    }
    scrape.add_histogram(Family::time_to_enforce_seconds, time_to_enforce());
    return std::move(scrape).take();
  }

  void observe_time_to_enforce(double seconds) {
    const std::lock_guard lock(mutex_);
    std::size_t bucket = 0;
    while (bucket < kTimeToEnforceBounds.size() && seconds > kTimeToEnforceBounds[bucket]) ++bucket;
    ++buckets_[bucket];
    sum_ += seconds;
  }

 private:
  prometheus::ClientMetric::Histogram time_to_enforce() const {
    const std::lock_guard lock(mutex_);
    prometheus::ClientMetric::Histogram histogram;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      cumulative += buckets_[i];
      const bool last = i == kTimeToEnforceBounds.size();
      histogram.bucket.push_back(
          {cumulative, last ? std::numeric_limits<double>::infinity() : kTimeToEnforceBounds[i]});
    }
    histogram.sample_count = cumulative;
    histogram.sample_sum = sum_;
    return histogram;
  }

  MetricsNeeds needs_;
  mutable std::mutex mutex_;
  std::array<std::uint64_t, kTimeToEnforceBounds.size() + 1> buckets_{};
  double sum_ = 0;
};

struct MetricsServer::Listener {
  explicit Listener(const std::string& address) : exposer(address, 1) {}
  prometheus::Exposer exposer;
};

MetricsServer::MetricsServer(MetricsNeeds needs) : collector_(std::make_shared<MetricsCollector>(std::move(needs))) {}
MetricsServer::~MetricsServer() = default;

Status MetricsServer::listen(const std::string& address) {
  try {
    listener_ = std::make_unique<Listener>(address);
    listener_->exposer.RegisterCollectable(collector_);
  } catch (const std::exception&) {
    return fail(ErrorCode::unavailable, "metrics_address " + address + " cannot be listened on");
  }
  return {};
}

void MetricsServer::observe_time_to_enforce(double seconds) { collector_->observe_time_to_enforce(seconds); }

std::string MetricsServer::render() const { return prometheus::TextSerializer().Serialize(collector_->Collect()); }

void MetricsServer::close() { listener_.reset(); }

}  // namespace parapet::metrics
