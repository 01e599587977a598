// SPDX-License-Identifier: Apache-2.0
// control.toml as parapetd uses it: the keys, ranges and defaults of conf/control.toml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace parapet::config {

inline constexpr std::size_t kMaxSources = 32;  // as many lists as a snapshot holds

enum class FeedFormat : std::uint8_t { plain, csv };
enum class CredentialsKind : std::uint8_t { none, basic, bearer };
enum class SourceState : std::uint8_t { off, shadow, enforce };

std::string_view name_of(FeedFormat format) noexcept;
std::string_view name_of(CredentialsKind kind) noexcept;
std::string_view name_of(SourceState state) noexcept;

struct CsvOptions {
  char delimiter = ',';
  bool header = true;
  std::string value_column = "value";  // a name, or a number from 1 where there is no header
  std::string kind_column;             // empty: none
};

struct SourceOptions {
  std::string name;
  std::string url;  // https; holds no credentials
  FeedFormat format = FeedFormat::plain;
  std::string ca_file;  // empty: the system's
  CredentialsKind credentials = CredentialsKind::none;
  std::string credentials_file;
  std::uint32_t poll_interval_ms = 300'000;
  std::uint32_t deadline_ms = 30'000;
  std::uint64_t max_size_bytes = 64 << 20;
  bool bare_host_is_domain = false;
  bool url_is_prefix = false;
  bool allow_empty = false;
  SourceState state = SourceState::shadow;
  CsvOptions csv;
};

struct ControlOptions {
  std::string state_directory;
  std::string snapshot_file;
  std::string digest_key_file;
  std::string counters_file;
  std::string socket;
  std::string operator_group;   // empty: root alone
  std::string metrics_address;  // "ADDRESS:PORT"; empty: off
  std::uint32_t explain_per_minute = 30;
  LogLevel log_level = LogLevel::info;
  std::vector<SourceOptions> sources;
};

//   errors  invalid_config, all of them, "FILE:LINE:COLUMN: KEY: expected ..., found ..."
Result<ControlOptions> parse_control_options(std::string_view toml, std::string file_name);

}  // namespace parapet::config
