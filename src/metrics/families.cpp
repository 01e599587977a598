// SPDX-License-Identifier: Apache-2.0
// Samples under the names of the table.
#include "metrics/families.h"

#include <cassert>

namespace parapet::metrics {
namespace {

struct FamilyShape {
  std::string_view name;
  prometheus::MetricType type;
  std::string_view labels;
  std::string_view help;
};

#define PARAPET_FAMILY_SHAPE(family, type, labels, help) \
  FamilyShape{"parapet_" #family, prometheus::MetricType::type, labels, help},
constexpr std::array kShapes{PARAPET_METRIC_FAMILIES(PARAPET_FAMILY_SHAPE)};
#undef PARAPET_FAMILY_SHAPE

constexpr std::size_t place_of(Family family) { return static_cast<std::size_t>(family); }

}  // namespace

Scrape::Scrape() {
  for (const auto& shape : kShapes) {
    prometheus::MetricFamily family;
    family.name = shape.name;
    family.help = shape.help;
    family.type = shape.type;
    families_.push_back(std::move(family));
  }
}

void Scrape::add(Family family, double value, std::initializer_list<std::string_view> label_values) {
  auto& target = families_[place_of(family)];
  prometheus::ClientMetric sample;
  std::string_view names = kShapes[place_of(family)].labels;
  for (const auto label_value : label_values) {
    assert(!names.empty());
    const auto comma = names.find(',');
    sample.label.push_back({std::string(names.substr(0, comma)), std::string(label_value)});
    names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
  }
  assert(names.empty());
  if (target.type == prometheus::MetricType::Counter) {
    sample.counter.value = value;
  } else {
    sample.gauge.value = value;
  }
  target.metric.push_back(std::move(sample));
}

void Scrape::add_histogram(Family family, prometheus::ClientMetric::Histogram histogram) {
  prometheus::ClientMetric sample;
  sample.histogram = std::move(histogram);
  families_[place_of(family)].metric.push_back(std::move(sample));
}

std::vector<prometheus::MetricFamily> Scrape::take() && {
  std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
  return std::move(families_);
}

}  // namespace parapet::metrics
