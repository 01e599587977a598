// SPDX-License-Identifier: Apache-2.0
// The keys of control.toml.
#include "config/control_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>

#include "config/json_pointer.h"
#include "config/toml_table.h"

namespace parapet::config {
namespace {

constexpr std::array<std::pair<std::string_view, FeedFormat>, 5> kFormats{{{"plain", FeedFormat::plain},
                                                                           {"csv", FeedFormat::csv},
                                                                           {"hosts", FeedFormat::hosts},
                                                                           {"json", FeedFormat::json},
                                                                           {"jsonl", FeedFormat::jsonl}}};
constexpr std::array<std::pair<std::string_view, Packing>, 4> kPackings{
    {{"none", Packing::none}, {"gzip", Packing::gzip}, {"zstd", Packing::zstd}, {"zip", Packing::zip}}};
constexpr std::array<std::pair<std::string_view, TextEncoding>, 4> kEncodings{
    {{"utf-8", TextEncoding::utf8},
     {"utf-16le", TextEncoding::utf16le},
     {"utf-16be", TextEncoding::utf16be},
     {"windows-1252", TextEncoding::windows1252}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKinds{
    {{"host", "host"}, {"domain", "domain"}, {"url", "url"}, {"prefix", "prefix"}}};
constexpr std::array<std::pair<std::string_view, CredentialsKind>, 3> kCredentials{
    {{"none", CredentialsKind::none}, {"basic", CredentialsKind::basic}, {"bearer", CredentialsKind::bearer}}};
constexpr std::array<std::pair<std::string_view, SourceState>, 3> kStates{
    {{"off", SourceState::off}, {"shadow", SourceState::shadow}, {"enforce", SourceState::enforce}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> kHostKinds{{{"host", false}, {"domain", true}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> kUrlKinds{{{"url", false}, {"prefix", true}}};
constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLogLevels{
    {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn}, {"error", LogLevel::error}}};

template <typename Table, typename Enum>
std::string_view find_name(const Table& table, Enum value) noexcept {
  for (const auto& [name, candidate] : table) {
    if (candidate == value) return name;
  }
  return "unknown";
}

bool is_https_url(std::string_view text) {
  if (!text.starts_with("https://")) return false;
  const auto authority = text.substr(8, text.find_first_of("/?#", 8) - 8);
  if (authority.empty() || authority.contains('@')) return false;
  return std::ranges::none_of(text,
                              [](char c) { return c == ' ' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f; });
}

bool is_proxy(std::string_view text) {
  const std::string_view scheme = text.starts_with("http://") ? "http://" : "socks5h://";
  if (!text.starts_with(scheme)) return false;
  const auto rest = text.substr(scheme.size());
  return rest.contains(':') && rest.find_first_of("/?#@ \\") == std::string_view::npos;
}

bool is_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc{} && end == port.data() + port.size() && number >= 1 && number <= 65535;
}

bool is_group_name(std::string_view text) {
  return !text.starts_with('-') && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '$';
  });
}

bool is_delimiter(std::string_view text) {
  return text.size() == 1 && text != "\"" && static_cast<unsigned char>(text[0]) < 0x7f;
}

constexpr TextRule kUrlRule{"a URL https://HOST/..., without user or password", 4096, is_https_url};
constexpr TextRule kProxyRule{"http://HOST:PORT or socks5h://HOST:PORT, without user or password", 300, is_proxy};
constexpr TextRule kListenRule{"ADDRESS:PORT", 64, is_listen_address};
constexpr TextRule kGroupRule{"a group name", 32, is_group_name};
constexpr TextRule kDelimiterRule{"one ASCII character, not a quote", 1, is_delimiter, true};
constexpr TextRule kColumnRule{"a column's name", 256, nullptr};

bool is_column_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 256;
}

CsvOptions read_csv(TomlTable table) {
  CsvOptions csv;
  csv.delimiter = table.text("delimiter", kDelimiterRule, ",").front();
  csv.header = table.boolean("header", true);
  csv.value_column = table.text("value_column", kColumnRule, csv.header ? "value" : "1");
  csv.kind_column = table.text("kind_column", kColumnRule, "");
  if (!csv.header) {
    constexpr std::string_view kExpected = "a column number 1..256, because header is false";
    if (!is_column_number(csv.value_column)) table.reject("value_column", kExpected);
    if (!csv.kind_column.empty() && !is_column_number(csv.kind_column)) table.reject("kind_column", kExpected);
  }
  if (csv.kind_column == csv.value_column) table.reject("kind_column", "another column than value_column");
  return csv;
}

JsonOptions read_json(TomlTable table) {
  constexpr TextRule kPointerRule{"a JSON Pointer, \"\" or \"/key/key...\"", 1024, is_json_pointer};
  JsonOptions json;
  json.entries = table.text("entries", kPointerRule, json.entries);
  json.value = table.text("value", kPointerRule, table.has("value") ? "" : "/value");
  json.kind = table.text("kind", kPointerRule, json.kind);
  if (!json.kind.empty() && json.kind == json.value) table.reject("kind", "another place than value");
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

bool is_minisign_key(std::string_view text) {
  return text.size() == 56 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

// "https://HOST[:PORT]" of a URL that is one.
std::string_view origin_of(std::string_view url) { return url.substr(0, url.find_first_of("/?#", 8)); }

std::string_view last_segment_of(std::string_view url) {
  const auto path = url.substr(0, url.find_first_of("?#"));
  const auto slash = path.rfind('/');
  return slash < 8 ? std::string_view{} : path.substr(slash + 1);
}

void read_signature(TomlTable& table, SourceOptions& source) {
  constexpr TextRule kMinisignRule{"a public key of minisign (56 characters of base64)", 56, is_minisign_key};
  for (auto& key : table.tables("key", 0, 8)) {
    source.keys.push_back({key.text("name", kNameRule), key.text("minisign", kMinisignRule)});
    const bool twice = std::ranges::count(source.keys, source.keys.back().name, &SourceKey::name) > 1;
    if (twice) key.reject("name", "a name that no other key of the source has");
  }
  const bool is_signed = !source.keys.empty(), is_dropped = !source.path.empty();
  if (is_signed && is_dropped) source.signature_path = source.path + ".minisig";
  const std::string beside = is_signed && !is_dropped ? source.url + ".minisig" : "";
  source.signature_url = table.text("signature_url", kUrlRule, beside);
  const std::string own_name = !is_signed   ? ""
                               : is_dropped ? source.path.substr(source.path.rfind('/') + 1)
                                            : std::string(last_segment_of(source.url));
  source.signed_file = table.text("signed_file", kColumnRule, table.has("signed_file") ? "" : own_name);
  if (!is_signed) {
    for (const char* key : {"signature_url", "signed_file"}) {
      if (table.has(key)) table.reject(key, "nothing, because the source has no [[source.key]]");
    }
  } else if (!is_dropped && origin_of(source.signature_url) != origin_of(source.url)) {
    table.reject("signature_url", "a URL of the same host and port as url, which gets the same credentials");
  }
}

// Where a source's list comes from: a URL or a file.
void read_place(TomlTable& table, SourceOptions& source) {
  source.path = table.text("path", kPathRule, "");
  if (source.path.empty()) {
    source.url = table.text("url", kUrlRule);
    return;
  }
  for (const char* key : {"url", "ca_file", "credentials", "credentials_file", "client_certificate", "client_key",
                          "proxy", "signature_url"}) {
    if (table.has(key)) table.reject(key, "nothing, because the list is the file at path");
  }
  static_cast<void>(table.text("url", kUrlRule, ""));
}

SourceOptions read_source(TomlTable table) {
  SourceOptions source;
  source.name = table.text("name", kNameRule);
  read_place(table, source);
  source.format = table.choice<FeedFormat>("format", kFormats, FeedFormat::plain);
  source.packing = table.choice<Packing>("packing", kPackings, Packing::none);
  source.encoding = table.choice<TextEncoding>("encoding", kEncodings, TextEncoding::utf8);
  source.ca_file = table.text("ca_file", kPathRule, "");
  source.credentials = table.choice<CredentialsKind>("credentials", kCredentials, CredentialsKind::none);
  source.credentials_file = table.text("credentials_file", kPathRule, "");
  source.client_certificate = table.text("client_certificate", kPathRule, "");
  source.client_key = table.text("client_key", kPathRule, "");
  if (source.client_certificate.empty() != source.client_key.empty()) {
    table.reject(source.client_key.empty() ? "client_key" : "client_certificate",
                 "an absolute path, because a certificate and its key go together");
  }
  source.proxy = table.text("proxy", kProxyRule, "");
  source.poll_interval_ms =
      static_cast<std::uint32_t>(table.integer("poll_interval_ms", 100, 86'400'000, source.poll_interval_ms));
  source.deadline_ms = static_cast<std::uint32_t>(table.integer("deadline_ms", 100, 3'600'000, source.deadline_ms));
  source.max_size_bytes = table.integer("max_size_bytes", 1, 4'294'967'296, source.max_size_bytes);
  source.max_unpacked_bytes = table.integer("max_unpacked_bytes", 1, std::uint64_t{1} << 36, source.max_unpacked_bytes);
  source.read_deadline_ms =
      static_cast<std::uint32_t>(table.integer("read_deadline_ms", 1000, 3'600'000, source.read_deadline_ms));
  source.read_memory_mib =
      static_cast<std::uint32_t>(table.integer("read_memory_mib", 16, 1'048'576, source.read_memory_mib));
  source.bare_host_is_domain = table.choice<bool>("host_kind", kHostKinds, false);
  source.url_is_prefix = table.choice<bool>("url_kind", kUrlKinds, false);
  source.allow_empty = table.boolean("allow_empty", false);
  source.state = table.choice<SourceState>("state", kStates, SourceState::shadow);
  source.standing = read_standing(table);
  const bool needs_file = source.credentials != CredentialsKind::none;
  if (needs_file && source.credentials_file.empty()) {
    table.reject("credentials_file", "an absolute path, because credentials are used");
  }
  if (!needs_file && !source.credentials_file.empty())
    table.reject("credentials_file", "nothing, because credentials is none");
  if (table.has("csv") || source.format == FeedFormat::csv) {
    source.csv = read_csv(table.table("csv"));
    if (source.format != FeedFormat::csv) table.reject("csv", "nothing, because format is not csv");
  }
  const bool is_json = source.format == FeedFormat::json || source.format == FeedFormat::jsonl;
  if (table.has("json") || is_json) {
    source.json = read_json(table.table("json"));
    if (!is_json) table.reject("json", "nothing, because format is neither json nor jsonl");
    if (source.format == FeedFormat::jsonl && !source.json.entries.empty()) {
      table.reject("json", "no entries, because each line of jsonl is an item");
    }
  }
  source.kind_words = read_kind_words(table);
  read_signature(table, source);
  return source;
}

}  // namespace

std::string_view name_of(FeedFormat format) noexcept { return find_name(kFormats, format); }
std::string_view name_of(Packing packing) noexcept { return find_name(kPackings, packing); }
std::string_view name_of(CredentialsKind kind) noexcept { return find_name(kCredentials, kind); }
std::string_view name_of(SourceState state) noexcept { return find_name(kStates, state); }

Result<ControlOptions> parse_control_options(std::string_view toml, std::string file_name) {
  auto document = TomlDocument::parse(toml, std::move(file_name));
  if (!document) return std::unexpected(document.error());
  TomlTable root = document->root();
  TomlTable control = root.table("control");
  ControlOptions options;
  options.state_directory = control.text("state_directory", kPathRule);
  options.snapshot_file = control.text("snapshot_file", kPathRule);
  options.digest_key_file = control.text("digest_key_file", kPathRule);
  options.counters_file = control.text("counters_file", kPathRule);
  options.socket = control.text("socket", {"an absolute path of at most 107 bytes", 107, is_absolute_path});
  options.operator_group = control.text("operator_group", kGroupRule, control.has("operator_group") ? "" : "parapet");
  options.metrics_address =
      control.text("metrics_address", kListenRule, control.has("metrics_address") ? "" : "127.0.0.1:9464");
  options.explain_per_minute = static_cast<std::uint32_t>(control.integer("explain_per_minute", 1, 600, 30));
  options.log_level = control.choice<LogLevel>("log_level", kLogLevels, LogLevel::info);
  std::set<std::string> names;
  for (auto& table : root.tables("source", 1, kMaxSources)) {
    options.sources.push_back(read_source(table));
    if (!names.insert(options.sources.back().name).second) table.reject("name", "a name that no other source has");
  }
  if (auto status = document->finish(); !status) return std::unexpected(status.error());
  return options;
}

}  // namespace parapet::config
