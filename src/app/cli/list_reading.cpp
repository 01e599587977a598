// SPDX-License-Identifier: Apache-2.0
// Choosing a format.
#include "app/cli/list_reading.h"

namespace parapet::cli {
namespace {

bool has_column(ByteView feed, std::string_view wanted) {
  auto row = text_of(feed);
  row = row.substr(0, row.find('\n'));
  for (;;) {
    const auto comma = row.find(',');
    auto name = row.substr(0, comma);
    while (!name.empty() && std::string_view(" \t\r\"").contains(name.back())) name.remove_suffix(1);
    while (!name.empty() && std::string_view(" \t\"").contains(name.front())) name.remove_prefix(1);
    if (name == wanted) return true;
    if (comma == std::string_view::npos) return false;
    row.remove_prefix(comma + 1);
  }
}

}  // namespace

config::SourceOptions source_options(std::string name, const std::string& file, const ListReading& reading,
                                     ByteView feed) {
  config::SourceOptions options;
  options.name = std::move(name);
  options.format =
      reading.format.value_or(file.ends_with(".csv") ? config::FeedFormat::csv : config::FeedFormat::plain);
  if (options.format == config::FeedFormat::csv) {
    if (has_column(feed, "kind")) options.csv.kind_column = "kind";
    if (has_column(feed, "ends")) options.csv.ends_column = "ends";
  }
  options.bare_host_is_domain = reading.bare_host_is_domain;
  options.url_is_prefix = reading.url_is_prefix;
  options.allow_empty = true;
  options.state = config::SourceState::enforce;
  return options;
}

}  // namespace parapet::cli
