// SPDX-License-Identifier: Apache-2.0
// control.toml as parapetd uses it: the keys, ranges and defaults of conf/control.toml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "config/feed_options.h"
#include "config/guard_options.h"
#include "config/report_options.h"
#include "config/standing_options.h"

namespace parapet::config {

inline constexpr std::size_t kMaxSources = 32;  // as many lists as a snapshot holds

enum class FeedFormat : std::uint8_t { plain, csv, hosts, json, jsonl, rpz };
enum class Packing : std::uint8_t { none, gzip, zstd, zip };
enum class TextEncoding : std::uint8_t { utf8, utf16le, utf16be, windows1252 };
enum class CredentialsKind : std::uint8_t { none, basic, bearer };
enum class SourceState : std::uint8_t { off, shadow, enforce };

std::string_view name_of(FeedFormat format) noexcept;
std::string_view name_of(Packing packing) noexcept;
std::string_view name_of(CredentialsKind kind) noexcept;
std::string_view name_of(SourceState state) noexcept;

// A public key of a source: one of the two.
struct SourceKey {
  std::string name;
  std::string minisign;          // base64
  std::string openpgp_key_file;  // armoured or binary
};

struct SourceOptions {
  std::string name;
  std::string url;            // https; holds no credentials
  std::string path;           // instead of a URL: of a file on this box
  std::string primary;        // instead of a URL: "ADDRESS:PORT" of the name server that sends the zone
  std::string zone;           // rpz: its name, lower-case, without the closing dot; empty: as the text says
  std::string tsig_key_file;  // with primary; empty: transfers are not signed
  FeedFormat format = FeedFormat::plain;
  Packing packing = Packing::none;
  TextEncoding encoding = TextEncoding::utf8;
  std::string ca_file;  // empty: the system's
  CredentialsKind credentials = CredentialsKind::none;
  std::string credentials_file;
  std::string client_certificate;  // empty: none
  std::string client_key;
  std::string proxy;  // empty: none
  std::uint32_t poll_interval_ms = 300'000;
  std::uint32_t deadline_ms = 30'000;
  std::uint64_t max_size_bytes = 64 << 20;
  std::uint64_t max_unpacked_bytes = 256 << 20;
  std::uint32_t read_deadline_ms = 60'000;
  std::uint32_t read_memory_mib = 1024;
  bool bare_host_is_domain = false;
  bool url_is_prefix = false;
  bool allow_empty = false;
  std::uint64_t max_wrong_lines = 0;  // that are counted as unenforceable; one more refuses the list
  SourceState state = SourceState::shadow;
  StandingOptions standing;
  bool increments = false;         // documents are numbered, and may say what changes between two numbers
  std::string full_url;            // with increments: of the whole list; empty: only url brings it
  std::string full_signature_url;  // with keys and full_url
  std::string full_signed_file;    // as signed_file
  CsvOptions csv;
  JsonOptions json;
  std::vector<SourceKey> keys;       // all of one sort; empty: lists are not signed
  std::string signature_url;         // with keys and url: of the same host as url
  std::string signature_path;        // with keys and path: beside it
  std::string signed_file;           // with keys: the name that the signature must give; empty: any
  std::vector<KindWord> kind_words;  // empty: the kinds' own names
  ChangeLimits change;
  LegalOptions legal;
  ReportOptions report;
  std::string test_entries_file;  // empty: none are known

  // This source as it is asked for the whole list.  REQUIRES full_url
  SourceOptions whole() const {
    SourceOptions source = *this;
    source.url = full_url;
    source.signature_url = full_signature_url;
    source.signed_file = full_signed_file;
    return source;
  }
  bool has_openpgp_keys() const noexcept { return !keys.empty() && !keys.front().openpgp_key_file.empty(); }
};

struct ControlOptions {
  std::string state_directory;
  std::string snapshot_file;
  std::string digest_key_file;
  std::string archive_key_file;                    // empty: no archive is kept
  std::vector<std::string> archive_old_key_files;  // that still open what was sealed under them
  std::string counters_file;
  std::string socket;
  std::string scope_lock_file;  // which categories lists may have, signed by two people; empty: none
  std::string operator_group;   // empty: root alone
  std::string metrics_address;  // "ADDRESS:PORT"; empty: off
  std::uint32_t explain_per_minute = 30;
  LogLevel log_level = LogLevel::info;
  GuardOptions guard;
  std::vector<Approver> approvers;
  std::vector<SourceOptions> sources;
};

//   errors  invalid_config, all of them, "FILE:LINE:COLUMN: KEY: expected ..., found ..."
Result<ControlOptions> parse_control_options(std::string_view toml, std::string file_name);

}  // namespace parapet::config
