// SPDX-License-Identifier: Apache-2.0
// The keys of control.toml that say where things stand in a list: [source.csv], [source.json], [[source.kind_word]].
#pragma once

#include <string>
#include <vector>

#include "config/toml_table.h"

namespace parapet::config {

// Columns are names, or numbers from 1 where there is no header; empty: none.
struct CsvOptions {
  char delimiter = ',';
  bool header = true;
  std::string value_column = "value";
  std::string kind_column{};
  std::string ends_column{};  // when the entry ends
  // Of sources that send increments: what to do with the entry, and where the row's document stands.
  std::string operation_column{};
  std::string version_column{};
  std::string base_column{};
};

// JSON Pointers (config/json_pointer.h).
struct JsonOptions {
  std::string entries{};         // json: to the array of items
  std::string value = "/value";  // in each item; empty: the item itself is the text
  std::string kind{};            // in each item; empty: none
  std::string ends{};            // likewise: when the entry ends
  // Of sources that send increments.
  std::string operation{};  // in each item
  std::string version{};    // json: of the document; jsonl: in each item
  std::string base{};       // likewise
};

// What a source calls a kind.
struct KindWord {
  std::string word;
  std::string kind;  // host | domain | url | prefix
};

//   increments  whether the source sends them, so that operation, version and base have places
CsvOptions read_csv(TomlTable table, bool increments);
JsonOptions read_json(TomlTable table, bool increments);
std::vector<KindWord> read_kind_words(TomlTable& source);

}  // namespace parapet::config
