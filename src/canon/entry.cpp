// SPDX-License-Identifier: Apache-2.0
// Reading one entry.
#include "canon/entry.h"

#include "canon/host.h"
#include "canon/idna.h"
#include "canon/url.h"
#include "canon/url_text.h"

namespace parapet::canon {
namespace {

constexpr std::uint16_t kHttpPort = 80;  // cleartext's own: with "https", too, since schemes are not compared

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
  const std::string stripped = strip_url(text);
  if (stripped.empty()) return fail(ErrorCode::malformed, "entry is empty");
  auto parts = split_url(stripped);
  if (!parts) return std::unexpected(parts.error());
  EntryKind kind = parts->is_bare ? rules.bare_host : rules.with_path;
  if (explicit_kind != nullptr) kind = *explicit_kind;

  const Authority authority = split_authority(bytes_of(parts->authority), parts->default_port);
  if (!authority.ok) return fail(ErrorCode::malformed, "port is no number of 1..65535");
  auto ascii = domain_to_ascii(decode_percent(text_of(authority.host)));
  if (!ascii) return std::unexpected(ascii.error());
  Host host;
  if (const auto outcome = canonicalise_host(bytes_of(*ascii), host); outcome != HostOutcome::ok) {
    return fail(ErrorCode::malformed, "host is not usable: " + std::string(name_of(outcome)));
  }

  Entry entry{kind, std::string(host.view()), 0, {}, {}};
  if (names_path(kind)) {
    if (parts->is_bare) parts->target = "/";
    const bool is_default = authority.port == parts->default_port || authority.port == kHttpPort;
    entry.port = is_default ? std::uint16_t{0} : authority.port;
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
