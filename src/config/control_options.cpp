// SPDX-License-Identifier: Apache-2.0
// The keys of control.toml.
#include "config/control_options.h"

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>

#include "config/https_url.h"
#include "config/toml_table.h"

namespace parapet::config {
namespace {

constexpr std::array<std::pair<std::string_view, FeedFormat>, 6> kFormats{{{"plain", FeedFormat::plain},
                                                                           {"csv", FeedFormat::csv},
                                                                           {"hosts", FeedFormat::hosts},
                                                                           {"json", FeedFormat::json},
                                                                           {"jsonl", FeedFormat::jsonl},
                                                                           {"rpz", FeedFormat::rpz}}};
constexpr std::array<std::pair<std::string_view, Packing>, 4> kPackings{
    {{"none", Packing::none}, {"gzip", Packing::gzip}, {"zstd", Packing::zstd}, {"zip", Packing::zip}}};
constexpr std::array<std::pair<std::string_view, TextEncoding>, 4> kEncodings{
    {{"utf-8", TextEncoding::utf8},
     {"utf-16le", TextEncoding::utf16le},
     {"utf-16be", TextEncoding::utf16be},
     {"windows-1252", TextEncoding::windows1252}}};
constexpr std::array<std::pair<std::string_view, CredentialsKind>, 3> kCredentials{
    {{"none", CredentialsKind::none}, {"basic", CredentialsKind::basic}, {"bearer", CredentialsKind::bearer}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> kTsig{{{"key", true}, {"none", false}}};
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

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address.starts_with("[::1]:"); }

// "192.0.2.53:53" or "[2001:db8::53]:53"; no name, which DNS would have to answer first.
bool is_primary(std::string_view text) {
  if (!is_listen_address(text)) return false;
  const auto host = text.substr(0, text.rfind(':'));
  const bool is_v6 = host.starts_with('[') && host.ends_with(']');
  const std::string literal(is_v6 ? host.substr(1, host.size() - 2) : host);
  in6_addr ignored{};
  return ::inet_pton(is_v6 ? AF_INET6 : AF_INET, literal.c_str(), &ignored) == 1;
}

// As it is written in configurations of name servers, but in one spelling.
bool is_zone(std::string_view text) {
  const bool has_labels = !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
  std::size_t label = 0;
  return has_labels && std::ranges::all_of(text, [&](char c) {
           label = c == '.' ? 0 : label + 1;
           return label <= 63 && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.');
         });
}

bool is_group_name(std::string_view text) {
  return !text.starts_with('-') && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '$';
  });
}

constexpr TextRule kProxyRule{"http://HOST:PORT or socks5h://HOST:PORT, without user or password", 300, is_proxy};
constexpr TextRule kPrimaryRule{"ADDRESS:PORT or [v6]:PORT", 64, is_primary};
constexpr TextRule kZoneRule{"a zone's name, of a-z 0-9 - _ and single dots, without the closing one", 253, is_zone};
constexpr TextRule kListenRule{"ADDRESS:PORT", 64, is_listen_address};
constexpr TextRule kFileNameRule{"a file's name", 256, nullptr};
constexpr TextRule kGroupRule{"a group name", 32, is_group_name};

bool is_minisign_key(std::string_view text) {
  return text.size() == 56 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

std::string_view last_segment_of(std::string_view url) {
  const auto path = url.substr(0, url.find_first_of("?#"));
  const auto slash = path.rfind('/');
  return slash < 8 ? std::string_view{} : path.substr(slash + 1);
}

void reject_keys(TomlTable& table, std::initializer_list<const char*> keys, std::string_view why) {
  for (const char* key : keys) {
    if (table.has(key)) table.reject(key, why);
  }
}

void read_keys(TomlTable& table, SourceOptions& source) {
  constexpr TextRule kMinisignRule{"a public key of minisign (56 characters of base64)", 56, is_minisign_key};
  for (auto& key : table.tables("key", 0, 8)) {
    const bool is_openpgp = key.has("openpgp_key_file");
    SourceKey read{key.text("name", kNameRule), {}, {}};
    if (is_openpgp) read.openpgp_key_file = key.text("openpgp_key_file", kPathRule);
    if (!is_openpgp) read.minisign = key.text("minisign", kMinisignRule);
    if (is_openpgp && key.has("minisign")) {
      key.reject("minisign", "nothing, because the key is of openpgp_key_file");
      static_cast<void>(key.text("minisign", kMinisignRule));
    }
    source.keys.push_back(std::move(read));
    const bool twice = std::ranges::count(source.keys, source.keys.back().name, &SourceKey::name) > 1;
    if (twice) key.reject("name", "a name that no other key of the source has");
    if (is_openpgp != source.has_openpgp_keys()) {
      key.reject(is_openpgp ? "openpgp_key_file" : "minisign", "keys of one sort for one source");
    }
  }
}

void read_signature(TomlTable& table, SourceOptions& source) {
  read_keys(table, source);
  const bool is_signed = !source.keys.empty(), is_dropped = !source.path.empty();
  const bool is_openpgp = source.has_openpgp_keys();
  const std::string ending = is_openpgp ? ".asc" : ".minisig";
  if (is_signed && is_dropped) source.signature_path = source.path + ending;
  const std::string beside = is_signed && !is_dropped ? source.url + ending : "";
  source.signature_url = table.text("signature_url", kUrlRule, beside);
  const std::string own_name = !is_signed || is_openpgp ? ""
                               : is_dropped             ? source.path.substr(source.path.rfind('/') + 1)
                                                        : std::string(last_segment_of(source.url));
  source.signed_file = table.text("signed_file", kFileNameRule, table.has("signed_file") ? "" : own_name);
  if (!is_signed) {
    reject_keys(table, {"signature_url", "signed_file"}, "nothing, because the source has no [[source.key]]");
  } else if (is_openpgp && !source.signed_file.empty()) {
    table.reject("signed_file", "\"\", because an OpenPGP signature names no file");
  } else if (!is_dropped && origin_of(source.signature_url) != origin_of(source.url)) {
    table.reject("signature_url", "a URL of the same host and port as url, which gets the same credentials");
  }
}

void read_primary(TomlTable& table, SourceOptions& source) {
  reject_keys(table,
              {"url", "path", "ca_file", "credentials", "credentials_file", "client_certificate", "client_key", "proxy",
               "packing", "encoding", "signature_url", "signed_file", "key"},
              "nothing, because the list is a zone that primary sends");
  static_cast<void>(table.text("url", kUrlRule, ""));
  static_cast<void>(table.text("path", kPathRule, ""));
  const bool is_signed = table.choice<bool>("tsig", kTsig, true);
  source.tsig_key_file = table.text("tsig_key_file", kPathRule, "");
  if (is_signed && source.tsig_key_file.empty()) {
    table.reject("tsig_key_file", "an absolute path, because transfers are signed");
  }
  if (!is_signed && !source.tsig_key_file.empty()) table.reject("tsig_key_file", "nothing, because tsig is none");
  if (!is_signed && !is_loopback(source.primary)) {
    table.reject("tsig", "key, because primary is no address of this box's loopback");
  }
}

// Where a source's list comes from: a URL, a file, or a zone of a name server.
void read_place(TomlTable& table, SourceOptions& source) {
  source.primary = table.text("primary", kPrimaryRule, "");
  if (!source.primary.empty()) return read_primary(table, source);
  reject_keys(table, {"tsig", "tsig_key_file"}, "nothing, because there is no primary");
  static_cast<void>(table.choice<bool>("tsig", kTsig, true));
  static_cast<void>(table.text("tsig_key_file", kPathRule, ""));
  source.path = table.text("path", kPathRule, "");
  if (source.path.empty()) {
    source.url = table.text("url", kUrlRule);
    return;
  }
  reject_keys(table,
              {"url", "ca_file", "credentials", "credentials_file", "client_certificate", "client_key", "proxy",
               "signature_url"},
              "nothing, because the list is the file at path");
  static_cast<void>(table.text("url", kUrlRule, ""));
}

// What a zone says leaves no choice of kinds.
void read_zone(TomlTable& table, SourceOptions& source) {
  const bool is_sent = !source.primary.empty();
  source.zone = is_sent ? table.text("zone", kZoneRule) : table.text("zone", kZoneRule, "");
  if (source.format == FeedFormat::rpz) {
    reject_keys(table, {"host_kind", "url_kind", "kind_word"},
                "nothing, because a zone says itself what its names mean");
  } else if (is_sent) {
    table.reject("format", "rpz, because the list is a zone that primary sends");
  } else {
    reject_keys(table, {"zone"}, "nothing, because format is not rpz");
  }
}

void read_increments(TomlTable& table, SourceOptions& source) {
  source.increments = table.boolean("increments", false);
  source.full_url = table.text("full_url", kUrlRule, "");
  const bool says_operations =
      source.format == FeedFormat::csv || source.format == FeedFormat::json || source.format == FeedFormat::jsonl;
  if (source.increments && !says_operations) {
    table.reject("increments", "false, because format is none of csv, json and jsonl");
  }
  if (source.full_url.empty()) return;
  if (!source.increments) table.reject("full_url", "nothing, because increments is false");
  if (source.url.empty()) table.reject("full_url", "nothing, because there is no url");
  if (!source.url.empty() && origin_of(source.full_url) != origin_of(source.url)) {
    table.reject("full_url", "a URL of the same host and port as url, which gets the same credentials");
  }
}

// The whole list is signed as the increments are, under its own name.
void read_full_signature(TomlTable& table, SourceOptions& source) {
  const bool is_signed = !source.keys.empty() && !source.full_url.empty();
  const bool is_openpgp = source.has_openpgp_keys();
  source.full_signature_url =
      table.text("full_signature_url", kUrlRule, is_signed ? source.full_url + (is_openpgp ? ".asc" : ".minisig") : "");
  if (!is_signed) return reject_keys(table, {"full_signature_url"}, "nothing, because there is no full_url, or no key");
  if (!source.signed_file.empty()) source.full_signed_file = last_segment_of(source.full_url);
  if (origin_of(source.full_signature_url) != origin_of(source.full_url)) {
    table.reject("full_signature_url", "a URL of the same host and port as full_url, which gets the same credentials");
  }
}

SourceOptions read_source(TomlTable table) {
  SourceOptions source;
  source.name = table.text("name", kNameRule);
  read_place(table, source);
  source.format =
      table.choice<FeedFormat>("format", kFormats, source.primary.empty() ? FeedFormat::plain : FeedFormat::rpz);
  read_zone(table, source);
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
  source.max_wrong_lines = table.integer("max_wrong_lines", 0, 10'000'000, 0);
  source.state = table.choice<SourceState>("state", kStates, SourceState::shadow);
  source.standing = read_standing(table);
  const bool needs_file = source.credentials != CredentialsKind::none;
  if (needs_file && source.credentials_file.empty()) {
    table.reject("credentials_file", "an absolute path, because credentials are used");
  }
  if (!needs_file && !source.credentials_file.empty())
    table.reject("credentials_file", "nothing, because credentials is none");
  read_increments(table, source);
  if (table.has("csv") || source.format == FeedFormat::csv) {
    source.csv = read_csv(table.table("csv"), source.increments);
    if (source.format != FeedFormat::csv) table.reject("csv", "nothing, because format is not csv");
  }
  const bool is_json = source.format == FeedFormat::json || source.format == FeedFormat::jsonl;
  if (table.has("json") || is_json) {
    source.json = read_json(table.table("json"), source.increments);
    if (!is_json) table.reject("json", "nothing, because format is neither json nor jsonl");
    if (source.format == FeedFormat::jsonl && !source.json.entries.empty()) {
      table.reject("json", "no entries, because each line of jsonl is an item");
    }
    if (source.format == FeedFormat::json && source.increments && source.json.entries.empty()) {
      table.reject("json", "entries below the whole, because version and base stand beside them");
    }
  }
  source.kind_words = read_kind_words(table);
  read_signature(table, source);
  read_full_signature(table, source);
  source.test_entries_file = table.text("test_entries_file", kPathRule, "");
  source.legal = read_legal(table.table("legal"));
  source.report = read_report(table.table("report"), source.url);
  source.change = read_change_limits(table.table("guard"));
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
  options.archive_key_file = control.text(
      "archive_key_file", kPathRule, control.has("archive_key_file") ? "" : options.state_directory + "/archive.key");
  for (auto& old : root.tables("archive_old_key", 0, 8)) {
    options.archive_old_key_files.push_back(old.text("file", kPathRule));
    const bool is_current = options.archive_old_key_files.back() == options.archive_key_file;
    if (is_current) old.reject("file", "another file than archive_key_file");
  }
  options.scope_lock_file = control.text("scope_lock_file", kPathRule, "");
  options.counters_file = control.text("counters_file", kPathRule);
  options.socket = control.text("socket", {"an absolute path of at most 107 bytes", 107, is_absolute_path});
  options.operator_group = control.text("operator_group", kGroupRule, control.has("operator_group") ? "" : "parapet");
  options.metrics_address =
      control.text("metrics_address", kListenRule, control.has("metrics_address") ? "" : "127.0.0.1:9464");
  options.explain_per_minute = static_cast<std::uint32_t>(control.integer("explain_per_minute", 1, 600, 30));
  options.log_level = control.choice<LogLevel>("log_level", kLogLevels, LogLevel::info);
  options.guard = read_guard(root.table("guard"));
  options.approvers = read_approvers(root);
  std::set<std::string> names;
  for (auto& table : root.tables("source", 1, kMaxSources)) {
    options.sources.push_back(read_source(table));
    auto& source = options.sources.back();
    if (source.report.is_sent() && source.report.directory.empty()) {
      source.report.directory = options.state_directory + "/reports/" + source.name;
    }
    if (!names.insert(options.sources.back().name).second) table.reject("name", "a name that no other source has");
  }
  if (auto status = document->finish(); !status) return std::unexpected(status.error());
  return options;
}

}  // namespace parapet::config
