// SPDX-License-Identifier: Apache-2.0
// Matching requests.
#include "packet/match/match.h"

#include <algorithm>

#include "base/secret.h"
#include "canon/entry.h"
#include "digest/name.h"

namespace parapet::packet {
namespace {

using canon::EntryKind;
using digest::SipState;
using snapshot::Snapshot;

constexpr std::uint32_t kind_bit(EntryKind kind) noexcept { return 1u << static_cast<unsigned>(kind); }

// Adds the lists whose rules for this digest are of one of the kinds and stand. Only what is listed comes here.
void take(const Against& against, RuleSetIndex found, const digest::Digest& digest, std::uint32_t kinds,
          Match& out) noexcept {
  std::uint32_t lists = 0;
  for (const auto& rule : against.snapshot.rules_of(found)) {
    if ((kinds >> rule.kind & 1) != 0 && against.snapshot.stands(rule, against.occasion)) lists |= 1u << rule.list;
  }
  if (lists == 0) return;
  out.lists |= lists;
  for (std::size_t i = 0; i < out.digest_count; ++i) {
    if (out.digests[i] == digest) return;
  }
  if (out.digest_count < Match::kMaxDigests) out.digests[out.digest_count++] = digest;
}

// Looks one state up behind the filter.
RuleSetIndex look_up(const Snapshot& snapshot, const snapshot::FilterLine& line, const SipState& state,
                     digest::Digest& digest) noexcept {
  if (!Snapshot::may_hold(line, state.low())) return {snapshot::kEmptySlot};
  digest = state.digest();
  return snapshot.find(digest);
}

void take_if_found(const Against& against, const snapshot::FilterLine& line, const SipState& state, std::uint32_t kinds,
                   Match& out) noexcept {
  digest::Digest digest;
  const RuleSetIndex found = look_up(against.snapshot, line, state, digest);
  if (found.value != snapshot::kEmptySlot) take(against, found, digest, kinds, out);
}

constexpr std::uint16_t kHttpPort = 80;

// As an entry says it: 0 for the scheme's own.
constexpr std::uint16_t port_of_entry(std::uint16_t port) noexcept {
  return port == kHttpPort ? std::uint16_t{0} : port;
}

// What stands behind such a byte is no longer the target to some servers: controls, and white space of Latin-1.
bool may_end_target(std::uint8_t c) noexcept { return c < ' ' || c == 0x7f || c == 0x85 || c == 0xa0; }

bool holds_encoded_slash(ByteView target) noexcept {
  for (std::size_t at = 0; at + 2 < target.size(); ++at) {
    if (target[at] != '%') continue;
    const std::uint8_t high = target[at + 1], low = target[at + 2] | 0x20;
    if ((high == '2' && low == 'f') || (high == '5' && low == 'c')) return true;
  }
  return false;
}

}  // namespace

void Matcher::match_request(const Against& against, Protocol protocol, const RequestText& text,
                            std::uint16_t server_port, Match& out) noexcept {
  out = {};
  out.name_unusable = text.name_lost;
  const bool is_http = protocol == Protocol::http;
  const RequestText* http = is_http && text.target_length > 0 ? &text : nullptr;  // CONNECT names no path
  for (std::size_t i = 0; i < text.name_count; ++i) {
    // A port has no place in a server name of TLS, but nginx takes one off there, too.
    const canon::Authority authority = canon::split_authority(text.names[i].view(), kHttpPort);
    const ByteView name = authority.host;
    if (canon::canonicalise_host(name, host_) == canon::HostOutcome::ok) {
      match_host(against, http, {port_of_entry(authority.port), port_of_entry(server_port)}, out);
    } else {
      match_below(against, canon::canonicalise_host(canon::usable_tail(name), host_), out);
    }
    wipe(host_.text.data(), name.size() < host_.text.size() ? name.size() : host_.text.size());
  }
}

void Matcher::match_question(const Against& against, ByteView labels, Match& out) noexcept {
  out = {};
  if (labels.empty()) return;  // the root
  if (canon::canonicalise_labels(labels, host_) == canon::HostOutcome::ok) {
    match_host(against, nullptr, {}, out);
  } else {
    match_below(against, canon::canonicalise_labels(canon::usable_labels(labels), host_), out);
  }
  wipe(host_.text.data(), labels.size() < host_.text.size() ? labels.size() : host_.text.size());
}

// The whole name and all that it is below, against domain entries.
Matcher::Walked Matcher::match_domains(const Against& against, Match& out) noexcept {
  Walked walked{digest::SipState(key_)};
  walked.state = digest::walk_host(key_, host_.view(), [&](unsigned labels, const SipState& state) {
    walked.found = {snapshot::kEmptySlot};
    if (labels <= 2) walked.line = &against.snapshot.line_of(state.low());
    if (labels < 2 || host_.is_address) return;
    walked.found = look_up(against.snapshot, *walked.line, state, walked.digest);
    if (walked.found.value != snapshot::kEmptySlot) {
      take(against, walked.found, walked.digest, kind_bit(EntryKind::domain), out);
    }
  });
  return walked;
}

void Matcher::match_host(const Against& against, const RequestText* http, std::array<std::uint16_t, 2> ports,
                         Match& out) noexcept {
  const Walked walked = match_domains(against, out);
  if (walked.found.value != snapshot::kEmptySlot) {
    take(against, walked.found, walked.digest, kind_bit(EntryKind::host), out);
  }
  if (http == nullptr) return;
  for (std::size_t i = 0; i < (ports[0] == ports[1] ? 1U : 2U); ++i) {
    const UrlTable table{against, *walked.line, digest::enter_urls(walked.state, ports[i])};
    if (Snapshot::may_hold(*walked.line, table.urls.low())) match_targets(table, *http, out);
  }
}

// A name that is no host: only what it is below is compared.
void Matcher::match_below(const Against& against, canon::HostOutcome tail, Match& out) noexcept {
  const std::uint32_t before = out.lists;
  if (tail == canon::HostOutcome::ok) match_domains(against, out);
  out.name_unusable |= out.lists == before;
}

void Matcher::match_targets(const UrlTable& table, const RequestText& http, Match& out) noexcept {
  http.for_targets([&](ByteView target, bool cut) {
    match_target(table, target, cut, out);
    const auto end = std::find_if(target.begin(), target.end(), may_end_target);
    if (end != target.end()) match_target(table, {target.begin(), end}, false, out);
    std::size_t length = 0;
    if (canon::take_off_encoding(target, layer_, length)) match_target(table, ByteView{layer_}.first(length), cut, out);
    wipe(layer_.data(), length);
  });
}

// One target, its slashes read both ways.
void Matcher::match_target(const UrlTable& table, ByteView target, bool cut, Match& out) noexcept {
  for (const canon::Slashes slashes : {canon::Slashes::strict, canon::Slashes::lenient}) {
    if (slashes == canon::Slashes::lenient && !target_.slashes_ran && !holds_encoded_slash(target)) return;
    canon::canonicalise_target(target, cut, target_, slashes);
    match_url(table, target_.path(), out);
    if (target_.soft_end) match_url(table, target_.path().substr(0, target_.path().size() - 1), out);
    wipe(target_.text.data(), std::size_t{target_.path_length} + target_.query_length);
  }
}

void Matcher::match_url(const UrlTable& table, std::string_view path_text, Match& out) noexcept {
  constexpr std::uint32_t kInside = kind_bit(EntryKind::prefix) | kind_bit(EntryKind::prefix_below);
  const auto take_state = [&](const SipState& state, std::uint32_t kinds) {
    take_if_found(table.against, table.line, state, kinds, out);
  };
  take_state(table.urls, kind_bit(EntryKind::prefix_below));
  const bool whole_path = !target_.cut;
  const SipState path = digest::walk_path(table.urls, path_text, [&](unsigned, const SipState& state, bool last) {
    if (!last) {
      take_state(state, kInside);
    } else if (whole_path) {
      const std::uint32_t exact = target_.has_query ? 0 : kind_bit(EntryKind::url);
      take_state(state, kind_bit(EntryKind::prefix) | exact);
    }
  });
  if (target_.has_query && whole_path) {
    take_state(digest::enter_query(path, target_.query()), kind_bit(EntryKind::url));
  }
}

}  // namespace parapet::packet
