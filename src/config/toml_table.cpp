// SPDX-License-Identifier: Apache-2.0
// Typed reading over toml++.
#include "config/toml_table.h"

#include <toml++/toml.h>
#include <algorithm>
#include <bit>
#include <tuple>

#include "config/closest_key.h"
#include "config/toml_time.h"

namespace parapet::config {

struct TomlTree {
  struct Problem {
    toml::source_position at;
    std::string text;
  };
  struct Visit {
    const toml::table* table;  // nullptr: missing in the file
    toml::source_position at;  // of the table, or of the nearest one that is there
    std::string path;          // "source.csv", "" for the root
    std::vector<std::string> asked;
  };

  toml::table root;
  std::string file_name;
  std::vector<Visit> visits;
  std::vector<Problem> problems;

  void add_problem(toml::source_position at, std::string text) { problems.push_back({at, std::move(text)}); }
  std::string format_position(toml::source_position at) const {
    return file_name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
};

namespace {

std::string quoted(std::string_view text) {
  std::string result(1, '"');
  result += text;
  result += '"';
  return result;
}

constexpr std::size_t kMaxProblems = 20;
constexpr std::size_t kMaxRepeated = 40;  // bytes of a wrong word that are repeated to the operator

std::string join_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMaxRepeated)) {
    out += c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? c : '?';
  }
  if (text.size() > kMaxRepeated) out += "...";
  return out;
}

// What stands there instead; the text of a string is left out.
std::string describe(const toml::node& node) {
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  if (node.is_string()) return "a string";
  if (node.is_floating_point()) return "a number with a fraction";
  if (node.is_array()) return "an array";
  if (node.is_table()) return "a table";
  return "a date or time";
}

bool has_control_characters(std::string_view text, bool tab_allowed) {
  return std::ranges::any_of(text, [tab_allowed](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && !(tab_allowed && c == '\t')) || c == 0x7f;
  });
}

// What is wrong with a string; empty: nothing.
std::string fault_of(const std::string& value, const TextRule& rule) {
  return value.empty()                                     ? "an empty string"
         : value.size() > rule.max_length                  ? "a string of " + std::to_string(value.size()) + " bytes"
         : has_control_characters(value, rule.tab_allowed) ? "a string with control characters"
         : rule.accepts && !rule.accepts(value)            ? "another string"
                                                           : "";
}

// Marks a key as asked for and finds its value.
const toml::node* ask(TomlTree::Visit& visit, std::string_view key) {
  visit.asked.emplace_back(key);
  return visit.table != nullptr ? visit.table->get(key) : nullptr;
}

void add_missing(TomlTree& tree, const TomlTree::Visit& visit, std::string_view key, std::string_view expected) {
  tree.add_problem(visit.at, join_path(visit.path, key) + ": missing; expected " + std::string(expected));
}

void add_wrong(TomlTree& tree, const TomlTree::Visit& visit, std::string_view key, const toml::node& node,
               std::string_view expected, std::string_view found) {
  tree.add_problem(node.source().begin, join_path(visit.path, key) + ": expected " + std::string(expected) +
                                            ", found " + std::string(found));
}

void add_unknown_keys(TomlTree& tree) {
  for (const auto& visit : tree.visits) {
    if (visit.table == nullptr) continue;
    for (const auto& [key, node] : *visit.table) {
      if (std::ranges::find(visit.asked, key.str()) != visit.asked.end()) continue;
      std::string text = join_path(visit.path, printable(key.str())) + ": unknown key";
      if (const auto meant = closest_key(key.str(), visit.asked); !meant.empty())
        text += "; did you mean " + meant + "?";
      auto at = key.source().begin;
      if (at.line == 0) at = node.source().begin;
      tree.add_problem(at, std::move(text));
    }
  }
}

std::string range_text(std::string_view what, std::uint64_t min, std::uint64_t max) {
  return std::string(what) + " " + std::to_string(min) + ".." + std::to_string(max);
}

bool in_range(const toml::node& node, std::uint64_t min, std::uint64_t max) {
  const auto* integer = node.as_integer();
  return integer != nullptr && integer->get() >= 0 && static_cast<std::uint64_t>(integer->get()) >= min &&
         static_cast<std::uint64_t>(integer->get()) <= max;
}

// Every element of an array of so many. `take` returns what it found instead of what it expected; empty: nothing wrong.
template <typename Take>
void for_elements(TomlTree& tree, TomlTree::Visit& visit, std::string_view key, const std::string& expected,
                  std::pair<std::size_t, std::size_t> count, Take&& take) {
  const auto* node = ask(visit, key);
  if (node == nullptr) {
    if (count.first > 0) add_missing(tree, visit, key, expected);
    return;
  }
  const auto* array = node->as_array();
  if (array == nullptr || array->size() < count.first || array->size() > count.second) {
    add_wrong(tree, visit, key, *node, expected,
              array == nullptr ? describe(*node) : std::to_string(array->size()) + " elements");
    return;
  }
  for (const auto& element : *array) {
    if (const std::string found = take(element); !found.empty()) {
      add_wrong(tree, visit, key, element, expected, found);
    }
  }
}

}  // namespace

bool is_absolute_path(std::string_view text) { return text.size() > 1 && text.front() == '/'; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool TomlTable::present() const noexcept { return tree_->visits[visit_].table != nullptr; }

bool TomlTable::has(std::string_view key) const { return present() && tree_->visits[visit_].table->contains(key); }

std::string TomlTable::location() const { return tree_->format_position(tree_->visits[visit_].at); }

std::string TomlTable::text(std::string_view key, const TextRule& rule, std::optional<std::string_view> fallback) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  const std::string otherwise(fallback.value_or(""));
  if (node == nullptr) {
    if (!fallback) add_missing(*tree_, visit, key, rule.expected);
    return otherwise;
  }
  const auto* string = node->as_string();
  if (string == nullptr) {
    add_wrong(*tree_, visit, key, *node, rule.expected, describe(*node));
    return otherwise;
  }
  const std::string& value = string->get();
  // The fallback itself may always be written out, e.g. "" for "none".
  if (fallback && value == *fallback) return value;
  const std::string found = fault_of(value, rule);
  if (found.empty()) return value;
  add_wrong(*tree_, visit, key, *node, rule.expected, found);
  return otherwise;
}

std::uint64_t TomlTable::integer(std::string_view key, std::uint64_t min, std::uint64_t max,
                                 std::optional<std::uint64_t> fallback) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  if (node != nullptr && in_range(*node, min, max)) return static_cast<std::uint64_t>(node->as_integer()->get());
  const auto expected = range_text("an integer", min, max);
  if (node != nullptr) {
    add_wrong(*tree_, visit, key, *node, expected, describe(*node));
  } else if (!fallback) {
    add_missing(*tree_, visit, key, expected);
  }
  return fallback.value_or(min);
}

std::uint64_t TomlTable::power_of_two(std::string_view key, std::uint64_t min, std::uint64_t max,
                                      std::optional<std::uint64_t> fallback) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  if (node != nullptr && in_range(*node, min, max)) {
    const auto value = static_cast<std::uint64_t>(node->as_integer()->get());
    if (std::has_single_bit(value)) return value;
  }
  const auto expected = range_text("a power of two", min, max);
  if (node != nullptr) {
    add_wrong(*tree_, visit, key, *node, expected, describe(*node));
  } else if (!fallback) {
    add_missing(*tree_, visit, key, expected);
  }
  return fallback.value_or(min);
}

bool TomlTable::boolean(std::string_view key, std::optional<bool> fallback) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  if (node != nullptr && node->is_boolean()) return node->as_boolean()->get();
  if (node != nullptr) {
    add_wrong(*tree_, visit, key, *node, "true or false", describe(*node));
  } else if (!fallback) {
    add_missing(*tree_, visit, key, "true or false");
  }
  return fallback.value_or(false);
}

std::size_t TomlTable::word(std::string_view key, std::span<const std::string_view> names,
                            std::optional<std::size_t> fallback) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  std::string expected;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) expected += i + 1 == names.size() ? " or " : ", ";
    expected += quoted(names[i]);
  }
  if (node == nullptr) {
    if (!fallback) add_missing(*tree_, visit, key, expected);
  } else if (const auto* string = node->as_string()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (string->get() == names[i]) return i;
    }
    add_wrong(*tree_, visit, key, *node, expected, quoted(printable(string->get())));
  } else {
    add_wrong(*tree_, visit, key, *node, expected, describe(*node));
  }
  return fallback.value_or(0);
}

std::vector<std::uint64_t> TomlTable::integers(std::string_view key, std::uint64_t min, std::uint64_t max,
                                               std::size_t min_count, std::size_t max_count) {
  auto& visit = tree_->visits[visit_];
  const auto expected = range_text("an array of", min_count, max_count) + " integers, each " + std::to_string(min) +
                        ".." + std::to_string(max);
  std::vector<std::uint64_t> values;
  for_elements(*tree_, visit, key, expected, {min_count, max_count}, [&](const toml::node& element) {
    if (!in_range(element, min, max)) return describe(element);
    values.push_back(static_cast<std::uint64_t>(element.as_integer()->get()));
    return std::string();
  });
  return values;
}

std::vector<std::string> TomlTable::texts(std::string_view key, const TextRule& rule, std::size_t max_count) {
  auto& visit = tree_->visits[visit_];
  const std::string expected = range_text("an array of", 0, max_count) + " strings, each " + std::string(rule.expected);
  std::vector<std::string> values;
  for_elements(*tree_, visit, key, expected, {0, max_count}, [&](const toml::node& element) {
    const auto* string = element.as_string();
    std::string found = string == nullptr ? describe(element) : fault_of(string->get(), rule);
    if (found.empty()) values.push_back(string->get());
    return found;
  });
  return values;
}

std::optional<std::uint32_t> TomlTable::date_time_s(std::string_view key) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  if (node == nullptr) return std::nullopt;
  const auto* date_time = node->as_date_time();
  const std::int64_t seconds = date_time != nullptr ? seconds_since_1970(date_time->get()) : 0;
  if (seconds > 0 && seconds <= std::int64_t{UINT32_MAX}) return static_cast<std::uint32_t>(seconds);
  add_wrong(*tree_, visit, key, *node,
            "a date and time with offset, 1970 to 2105, without quotes, such as 2027-03-31T23:59:59+02:00",
            date_time != nullptr ? "another date or time" : describe(*node));
  return std::nullopt;
}

TomlTable TomlTable::table(std::string_view key) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  const auto* table = node != nullptr ? node->as_table() : nullptr;
  if (node != nullptr && table == nullptr) add_wrong(*tree_, visit, key, *node, "a table", describe(*node));
  TomlTree::Visit child{table, table != nullptr ? table->source().begin : visit.at, join_path(visit.path, key), {}};
  tree_->visits.push_back(std::move(child));  // `visit` is no longer valid
  return TomlTable(*tree_, tree_->visits.size() - 1);
}

std::vector<TomlTable> TomlTable::tables(std::string_view key, std::size_t min_count, std::size_t max_count) {
  auto& visit = tree_->visits[visit_];
  const auto* node = ask(visit, key);
  const auto path = join_path(visit.path, key);
  const auto expected = range_text("", min_count, max_count).substr(1) + " tables [[" + path + "]]";
  std::vector<TomlTable> found;
  if (node == nullptr) {
    if (min_count > 0) add_missing(*tree_, visit, key, expected);
    return found;
  }
  const auto* array = node->as_array();
  const bool all_tables =
      array != nullptr && std::ranges::all_of(*array, [](const toml::node& element) { return element.is_table(); });
  if (!all_tables || array->size() < min_count || array->size() > max_count) {
    add_wrong(*tree_, visit, key, *node, expected,
              all_tables ? std::to_string(array->size()) + " of them" : describe(*node));
    return found;
  }
  for (const auto& element : *array) {
    tree_->visits.push_back({element.as_table(), element.source().begin, path, {}});
    found.push_back(TomlTable(*tree_, tree_->visits.size() - 1));
  }
  return found;
}

void TomlTable::reject(std::string_view key, std::string_view expected) {
  const auto& visit = tree_->visits[visit_];
  const auto* node = visit.table != nullptr ? visit.table->get(key) : nullptr;
  tree_->add_problem(node != nullptr ? node->source().begin : visit.at,
                     join_path(visit.path, key) + ": expected " + std::string(expected));
}

Result<TomlDocument> TomlDocument::parse(std::string_view text, std::string file_name) {
  if (text.size() > kMaxConfigFile) {
    return fail(ErrorCode::limit, file_name + ": " + std::to_string(text.size()) + " bytes; at most " +
                                      std::to_string(kMaxConfigFile) + " are read");
  }
  auto tree = std::make_unique<TomlTree>();
  tree->file_name = std::move(file_name);
  try {
    tree->root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid_config,
                tree->format_position(error.source().begin) + ": not TOML: " + std::string(error.description()));
  } catch (const std::exception& error) {
    return fail(ErrorCode::invalid_config, tree->file_name + ":1:1: not TOML: " + error.what());
  }
  return TomlDocument(std::move(tree));
}

TomlDocument::TomlDocument(std::unique_ptr<TomlTree> tree) noexcept : tree_(std::move(tree)) {}
TomlDocument::TomlDocument(TomlDocument&&) noexcept = default;
TomlDocument& TomlDocument::operator=(TomlDocument&&) noexcept = default;
TomlDocument::~TomlDocument() = default;

TomlTable TomlDocument::root() {
  tree_->visits.push_back({&tree_->root, {1, 1}, "", {}});
  return TomlTable(*tree_, tree_->visits.size() - 1);
}

Status TomlDocument::finish() {
  add_unknown_keys(*tree_);
  auto problems = std::exchange(tree_->problems, {});
  if (problems.empty()) return {};
  std::ranges::sort(problems, {}, [](const TomlTree::Problem& problem) {
    return std::tuple(problem.at.line, problem.at.column, std::string_view(problem.text));
  });
  std::string context;
  for (std::size_t i = 0; i < problems.size() && i < kMaxProblems; ++i) {
    if (i > 0) context += '\n';
    context += tree_->format_position(problems[i].at) + ": " + problems[i].text;
  }
  if (problems.size() > kMaxProblems) {
    context += "\n" + tree_->file_name + ": and " + std::to_string(problems.size() - kMaxProblems) + " more";
  }
  return fail(ErrorCode::invalid_config, std::move(context));
}

}  // namespace parapet::config
