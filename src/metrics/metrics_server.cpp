// SPDX-License-Identifier: Apache-2.0
// prometheus-cpp's exposer over one collector.
#include "metrics/metrics_server.h"

#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>

#include "metrics/delay_histogram.h"
#include "metrics/edge_metrics.h"
#include "metrics/source_metrics.h"

namespace parapet::metrics {

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
    scrape.add_histogram(Family::time_to_enforce_seconds, time_to_enforce.read());
    scrape.add_histogram(Family::time_to_release_seconds, time_to_release.read());
    return std::move(scrape).take();
  }

  DelayHistogram time_to_enforce;
  DelayHistogram time_to_release;

 private:
  MetricsNeeds needs_;
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

void MetricsServer::observe(const lists::Applied& applied) {
  if (applied.enforce_s) collector_->time_to_enforce.observe(*applied.enforce_s);
  if (applied.release_s) collector_->time_to_release.observe(*applied.release_s);
}

std::string MetricsServer::render() const { return prometheus::TextSerializer().Serialize(collector_->Collect()); }

void MetricsServer::close() { listener_.reset(); }

}  // namespace parapet::metrics
