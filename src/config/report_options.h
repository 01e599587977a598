// SPDX-License-Identifier: Apache-2.0
// The keys of [source.report]: how a source is told that an entry of its list was suspended.
#pragma once

#include <string>
#include <string_view>

#include "config/toml_table.h"

namespace parapet::config {

struct ReportOptions {
  std::string directory;  // the reports wait here; empty: none are made
  std::string url;        // https, of the same host and port as the list's; empty: nobody sends them
  std::string contact;    // of the operator, for the source

  bool is_wanted() const noexcept { return !directory.empty(); }
  bool is_sent() const noexcept { return !url.empty(); }
};

//   source_url  of the list; empty: it has none
ReportOptions read_report(TomlTable table, std::string_view source_url);

}  // namespace parapet::config
