// SPDX-License-Identifier: Apache-2.0
// How a list file is read where no control.toml says so.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "config/control_options.h"

namespace parapet::cli {

// What entries without a kind of their own mean; as in control.toml.
struct ListReading {
  bool bare_host_is_domain = false;
  bool url_is_prefix = false;
  std::optional<config::FeedFormat> format = {};  // none: csv where the file's name ends in .csv, else plain
};

// A csv's first row tells its columns: one of them "value", one may be "kind".
//   name  of the list, as a source's
config::SourceOptions source_options(std::string name, const std::string& file, const ListReading& reading,
                                     ByteView feed);

}  // namespace parapet::cli
