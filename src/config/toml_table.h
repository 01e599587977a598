// SPDX-License-Identifier: Apache-2.0
// Typed reading of TOML: each key is asked for by name, type and range; whatever was not asked for is an error.
//
//     auto document = TomlDocument::parse(text, "edge.toml");       // syntax errors end here
//     TomlTable workers = document->root().table("workers");
//     options.heartbeat_ms = workers.integer("heartbeat_ms", 10, 1000, 50);
//     if (auto status = document->finish(); !status) ...            // all wrong, missing and unknown keys, in file
//     order
//
// Asking never fails on the spot: a wrong or missing key yields the fallback (or the lowest value) and is remembered,
// so that one run tells the operator everything. An error reads
//     control.toml:12:21: source.poll_interval_ms: expected an integer 100..86400000, found -3
// Strings that may hold secrets or addresses are never repeated in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace parapet::config {

inline constexpr std::size_t kMaxConfigFile = 1 << 20;  // bytes

struct TomlTree;  // the parsed file, its name and the errors so far

// How a string is judged.
struct TextRule {
  std::string_view expected = "a string";       // stands in the error
  std::size_t max_length = 4096;                // bytes
  bool (*accepts)(std::string_view) = nullptr;  // beyond length and having no control characters
  bool tab_allowed = false;
};

bool is_absolute_path(std::string_view text);
bool is_name(std::string_view text);  // 1..32 of a-z 0-9 -

inline constexpr TextRule kPathRule{"an absolute path", 4095, is_absolute_path};
inline constexpr TextRule kNameRule{"1..32 of a-z 0-9 -", 32, is_name};

// One table of the file, or a missing one (each required key of it is then an error).
//   lifetime  of its TomlDocument;  thread: one owner
class TomlTable {
 public:
  bool present() const noexcept;
  bool has(std::string_view key) const;  // does not count as asking
  std::string location() const;          // "control.toml:12:1", for messages about the table as a whole

  // No fallback: the key is required.
  std::string text(std::string_view key, const TextRule& rule, std::optional<std::string_view> fallback = {});
  std::uint64_t integer(std::string_view key, std::uint64_t min, std::uint64_t max,
                        std::optional<std::uint64_t> fallback = {});
  std::uint64_t power_of_two(std::string_view key, std::uint64_t min, std::uint64_t max,
                             std::optional<std::uint64_t> fallback = {});
  bool boolean(std::string_view key, std::optional<bool> fallback = {});

  // One of a closed set of words.
  template <typename Enum>
  using Words = std::span<const std::pair<std::string_view, Enum>>;
  template <typename Enum>
  Enum choice(std::string_view key, std::type_identity_t<Words<Enum>> words, std::optional<Enum> fallback = {}) {
    std::vector<std::string_view> names;
    std::optional<std::size_t> fallback_index;
    for (std::size_t i = 0; i < words.size(); ++i) {
      names.push_back(words[i].first);
      if (fallback && words[i].second == *fallback) fallback_index = i;
    }
    return words[word(key, names, fallback_index)].second;
  }

  // An array of integers; it is required unless min_count is 0.
  std::vector<std::uint64_t> integers(std::string_view key, std::uint64_t min, std::uint64_t max, std::size_t min_count,
                                      std::size_t max_count);
  // An array of strings, which may be missing or empty; wrong ones are left out.
  std::vector<std::string> texts(std::string_view key, const TextRule& rule, std::size_t max_count);
  // A date and time with its offset (RFC 3339, as TOML writes it: no quotes), in seconds since 1970, up to 2106.
  std::optional<std::uint32_t> date_time_s(std::string_view key);
  // A sub-table; where it is missing, one that is not present().
  TomlTable table(std::string_view key);
  // An array of tables, [[key]].
  std::vector<TomlTable> tables(std::string_view key, std::size_t min_count, std::size_t max_count);

  // Remembers an error of the caller's own at that key (or at the table, where the key is not there).
  void reject(std::string_view key, std::string_view expected);

 private:
  friend class TomlDocument;
  TomlTable(TomlTree& tree, std::size_t visit) noexcept : tree_(&tree), visit_(visit) {}
  std::size_t word(std::string_view key, std::span<const std::string_view> names, std::optional<std::size_t> fallback);

  TomlTree* tree_;
  std::size_t visit_;  // which table of the tree's visited ones
};

class TomlDocument {
 public:
  // errors  invalid_config, "FILE:LINE:COLUMN: ..." · limit (over kMaxConfigFile)
  static Result<TomlDocument> parse(std::string_view text, std::string file_name);
  TomlDocument(TomlDocument&&) noexcept;
  TomlDocument& operator=(TomlDocument&&) noexcept;
  ~TomlDocument();

  TomlTable root();
  // Every error in file order, one a line; unknown keys among them, with the key that was probably meant.
  //   errors  invalid_config
  Status finish();

 private:
  explicit TomlDocument(std::unique_ptr<TomlTree> tree) noexcept;
  std::unique_ptr<TomlTree> tree_;
};

}  // namespace parapet::config
