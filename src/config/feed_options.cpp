// SPDX-License-Identifier: Apache-2.0
// Reading [source.csv], [source.json] and [[source.kind_word]].
#include "config/feed_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "config/json_pointer.h"

namespace parapet::config {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKinds{
    {{"host", "host"}, {"domain", "domain"}, {"url", "url"}, {"prefix", "prefix"}}};

bool is_delimiter(std::string_view text) {
  return text.size() == 1 && text != "\"" && static_cast<unsigned char>(text[0]) < 0x7f;
}

constexpr TextRule kDelimiterRule{"one ASCII character, not a quote", 1, is_delimiter, true};
constexpr TextRule kColumnRule{"a column's name", 256, nullptr};
constexpr TextRule kPointerRule{"a JSON Pointer, \"\" or \"/key/key...\"", 1024, is_json_pointer};

bool is_column_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 256;
}

// Each key says another place than those before it; empty: none.
using Places = std::vector<std::pair<const char*, const std::string*>>;
void reject_doubles(TomlTable& table, const Places& places, std::string_view sort) {
  for (auto later = places.begin(); later != places.end(); ++later) {
    if (later->second->empty()) continue;
    const auto earlier =
        std::find_if(places.begin(), later, [&](const auto& p) { return *p.second == *later->second; });
    if (earlier == later) continue;
    table.reject(later->first, "another " + std::string(sort) + " than " + earlier->first);
  }
}

// What increments need is all there, or none of it.
void judge_increments(TomlTable& table, const Places& places, bool increments) {
  for (const auto& [key, place] : places) {
    if (increments && place->empty()) table.reject(key, "a place in the list, because increments is true");
    if (!increments && !place->empty()) table.reject(key, "nothing, because increments is false");
  }
}

}  // namespace

CsvOptions read_csv(TomlTable table, bool increments) {
  CsvOptions csv;
  csv.delimiter = table.text("delimiter", kDelimiterRule, ",").front();
  csv.header = table.boolean("header", true);
  csv.value_column = table.text("value_column", kColumnRule, csv.header ? "value" : "1");
  csv.kind_column = table.text("kind_column", kColumnRule, "");
  csv.ends_column = table.text("ends_column", kColumnRule, "");
  // Without a header there is no name to look for, so that each number must be told.
  const bool named = increments && csv.header;
  csv.operation_column = table.text("operation_column", kColumnRule, named ? "operation" : "");
  csv.version_column = table.text("version_column", kColumnRule, named ? "version" : "");
  csv.base_column = table.text("base_column", kColumnRule, named ? "base" : "");
  const Places of_increments{{"operation_column", &csv.operation_column},
                             {"version_column", &csv.version_column},
                             {"base_column", &csv.base_column}};
  judge_increments(table, of_increments, increments);
  Places places{
      {"value_column", &csv.value_column}, {"kind_column", &csv.kind_column}, {"ends_column", &csv.ends_column}};
  places.insert(places.end(), of_increments.begin(), of_increments.end());
  for (const auto& [key, column] : places) {
    if (csv.header || column->empty() || is_column_number(*column)) continue;
    table.reject(key, "a column number 1..256, because header is false");
  }
  reject_doubles(table, places, "column");
  return csv;
}

JsonOptions read_json(TomlTable table, bool increments) {
  JsonOptions json;
  json.entries = table.text("entries", kPointerRule, json.entries);
  json.value = table.text("value", kPointerRule, table.has("value") ? "" : "/value");
  json.kind = table.text("kind", kPointerRule, json.kind);
  json.ends = table.text("ends", kPointerRule, json.ends);
  json.operation = table.text("operation", kPointerRule, increments ? "/operation" : "");
  json.version = table.text("version", kPointerRule, increments ? "/version" : "");
  json.base = table.text("base", kPointerRule, increments ? "/base" : "");
  judge_increments(table, {{"operation", &json.operation}, {"version", &json.version}, {"base", &json.base}},
                   increments);
  reject_doubles(table,
                 {{"value", &json.value}, {"kind", &json.kind}, {"ends", &json.ends}, {"operation", &json.operation}},
                 "place");
  reject_doubles(table, {{"version", &json.version}, {"base", &json.base}}, "place");
  return json;
}

std::vector<KindWord> read_kind_words(TomlTable& source) {
  std::vector<KindWord> words;
  for (auto& table : source.tables("kind_word", 0, 64)) {
    words.push_back({table.text("word", kColumnRule), std::string(table.choice<std::string_view>("kind", kKinds))});
    const auto& word = words.back().word;
    const bool twice = std::ranges::count(words, word, &KindWord::word) > 1;
    if (twice) table.reject("word", "a word that no other kind_word has");
  }
  return words;
}

}  // namespace parapet::config
