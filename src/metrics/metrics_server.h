// SPDX-License-Identifier: Apache-2.0
// Serves the metrics to Prometheus; everything is read at the moment of the scrape.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "counters/reader.h"
#include "lists/update/updater.h"

namespace parapet::metrics {

struct MetricsNeeds {
  const Clock& clock;
  std::vector<std::string> list_names;
  std::function<lists::UpdateStatus()> read_status;
  std::function<Result<counters::Reading>()> read_counters;
};

class MetricsCollector;

// thread: any
class MetricsServer {
 public:
  // Collects from now on; serves nothing yet.
  explicit MetricsServer(MetricsNeeds needs);
  ~MetricsServer();

  // Serves /metrics at "ADDRESS:PORT".  errors: unavailable
  Status listen(const std::string& address);
  // Counts a measured time-to-enforce and time-to-release.
  void observe(const lists::Applied& applied);
  // The text that a scrape would get.
  std::string render() const;
  // Ends serving; after it the needs are not asked any more.
  void close();

 private:
  struct Listener;
  std::shared_ptr<MetricsCollector> collector_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace parapet::metrics
