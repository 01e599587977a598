// SPDX-License-Identifier: Apache-2.0
// Walking a TOML tree.
#include "config/key_values.h"

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

#include "config/toml_table.h"

namespace parapet::config {
namespace {

void add_table(const toml::table& table, const std::string& path, std::vector<KeyValue>& found);

// By its name, which must be one: a key of the record is never somebody's free text.
std::string element_of(const toml::node& element, std::size_t number) {
  const auto* table = element.as_table();
  const auto* name = table != nullptr ? table->get("name") : nullptr;
  const auto* text = name != nullptr ? name->as_string() : nullptr;
  return text != nullptr && is_name(text->get()) ? text->get() : std::to_string(number);
}

void add_node(const toml::node& node, const std::string& path, std::vector<KeyValue>& found) {
  if (const auto* table = node.as_table()) return add_table(*table, path, found);
  const auto* array = node.as_array();
  if (array != nullptr && array->is_array_of_tables()) {
    std::size_t number = 0;
    for (const auto& element : *array) add_node(element, path + "." + element_of(element, ++number), found);
    return;
  }
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  found.push_back({path, text.str()});
}

void add_table(const toml::table& table, const std::string& path, std::vector<KeyValue>& found) {
  for (const auto& [key, node] : table) {
    add_node(node, path.empty() ? std::string(key.str()) : path + "." + std::string(key.str()), found);
  }
}

}  // namespace

Result<std::vector<KeyValue>> list_key_values(std::string_view toml, const std::string& file_name) {
  if (toml.size() > kMaxConfigFile) return fail(ErrorCode::limit, file_name + " is too large");
  std::vector<KeyValue> found;
  try {
    add_table(toml::parse(toml), "", found);
  } catch (const std::exception&) {
    return fail(ErrorCode::invalid_config, file_name + ": not TOML");
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace parapet::config
