// SPDX-License-Identifier: Apache-2.0
// Reading one entry.
#include "canon/entry.h"

#include <idn2.h>

#include "canon/host.h"
#include "canon/url.h"

namespace parapet::canon {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

struct Parts {
  std::string_view host_and_port;
  std::string_view target;  // from '/', '?' or '#' on; may be empty
  bool has_scheme = false;
  std::uint16_t default_port = 80;
};

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

Result<Parts> split(std::string_view text) {
  Parts parts;
  if (const auto mark = text.find("://"); mark != std::string_view::npos && text.find_first_of("/?#") > mark) {
    const std::string_view scheme = text.substr(0, mark);
    if (equals_ignoring_case(scheme, "https")) {
      parts.default_port = 443;
    } else if (!equals_ignoring_case(scheme, "http")) {
      return fail(ErrorCode::malformed, "scheme is neither http nor https");
    }
    parts.has_scheme = true;
    text.remove_prefix(mark + 3);
  }
  const auto end = text.find_first_of("/\\?#");
  parts.host_and_port = text.substr(0, end);
  if (end != std::string_view::npos) parts.target = text.substr(end);
  return parts;
}

// A host with bytes >= 0x80 becomes A-labels (UTS 46, non-transitional).
Result<std::string> to_ascii(std::string_view host) {
  bool ascii = true;
  for (const char c : host) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  if (ascii) return std::string(host);
  char* converted = nullptr;
  const int status = ::idn2_to_ascii_8z(std::string(host).c_str(), &converted, IDN2_NONTRANSITIONAL);
  if (status != IDN2_OK) return fail(ErrorCode::malformed, std::string("host is no IDN: ") + ::idn2_strerror(status));
  std::string result(converted);
  ::idn2_free(converted);
  return result;
}

bool names_path(EntryKind kind) { return kind == EntryKind::url || kind == EntryKind::prefix; }

Status fill_target(std::string_view raw, bool as_prefix, Entry& entry) {
  Target target;
  canonicalise_target(bytes_of(raw), false, target);
  if (target.cut) return fail(ErrorCode::malformed, "URL is longer than 4096 bytes in canonical form");
  entry.path = target.path();
  if (!as_prefix) {
    entry.query = target.query();
    return {};
  }
  if (target.has_query) return fail(ErrorCode::malformed, "a prefix cannot have a query");
  if (entry.path.back() == '/') entry.kind = EntryKind::prefix_below;
  return {};
}

}  // namespace

std::string_view name_of(EntryKind kind) noexcept {
  switch (kind) {
    case EntryKind::host: return "host";
    case EntryKind::domain: return "domain";
    case EntryKind::url: return "url";
    case EntryKind::prefix:
    case EntryKind::prefix_below: return "prefix";
  }
  return "unknown";
}

Result<Entry> parse_entry(std::string_view text, const EntryRules& rules, const EntryKind* explicit_kind) {
  const auto first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return fail(ErrorCode::malformed, "entry is empty");
  text = text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
  if (text.find('\0') != std::string_view::npos) return fail(ErrorCode::malformed, "entry holds a NUL byte");

  auto parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  const bool bare = !parts->has_scheme && parts->target.empty();
  EntryKind kind = bare ? rules.bare_host : rules.with_path;
  if (explicit_kind != nullptr) kind = *explicit_kind;

  const Authority authority = split_authority(bytes_of(parts->host_and_port), parts->default_port);
  if (!authority.ok) return fail(ErrorCode::malformed, "port is no number of 1..65535");
  auto ascii = to_ascii(text_of(authority.host));
  if (!ascii) return std::unexpected(ascii.error());
  Host host;
  if (const auto outcome = canonicalise_host(bytes_of(*ascii), host); outcome != HostOutcome::ok) {
    return fail(ErrorCode::malformed, "host is not usable: " + std::string(name_of(outcome)));
  }

  Entry entry{kind, std::string(host.view()), 0, {}, {}};
  if (names_path(kind)) {
    if (bare) parts->target = "/";
    entry.port = authority.port == parts->default_port ? std::uint16_t{0} : authority.port;
    if (auto filled = fill_target(parts->target, kind == EntryKind::prefix, entry); !filled) {
      return std::unexpected(filled.error());
    }
    return entry;
  }
  if (!parts->target.empty() && parts->target != "/") {
    return fail(ErrorCode::malformed, "a host or domain entry cannot have a path");
  }
  if (authority.port != parts->default_port) {
    return fail(ErrorCode::malformed, "a host or domain entry cannot have a port");
  }
  if (host.is_address) return fail(ErrorCode::refused, "an IP address is never a host or domain entry");
  if (entry.host.find('.') == std::string::npos) {
    return fail(ErrorCode::refused, "a name of one label is never a host or domain entry");
  }
  return entry;
}

std::string canonical_text(const Entry& entry) {
  std::string text(name_of(entry.kind));
  text += ':';
  text += entry.host;
  if (entry.path.empty()) return text;
  text += ':' + std::to_string(entry.port) + entry.path;
  if (!entry.query.empty()) text += '?' + entry.query;
  return text;
}

}  // namespace parapet::canon
