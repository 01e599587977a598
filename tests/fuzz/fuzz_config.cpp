// SPDX-License-Identifier: Apache-2.0
// Both configuration files: options or an error with a place, nothing else.
#include <cstdlib>

#include "base/bytes.h"
#include "config/control_options.h"
#include "config/edge_options.h"
#include "config/key_values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = parapet::text_of({data, size});
  const auto control = parapet::config::parse_control_options(text, "fuzz.toml");
  if (!control && control.error().context.empty()) std::abort();
  if (control && !parapet::config::list_key_values(text, "fuzz.toml")) std::abort();
  const auto edge = parapet::config::parse_edge_options(text, "fuzz.toml");
  if (!edge && edge.error().context.empty()) std::abort();
  return 0;
}
