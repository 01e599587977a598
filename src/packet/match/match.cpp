// SPDX-License-Identifier: Apache-2.0
// Matching requests.
#include "packet/match/match.h"

#include "base/secret.h"
#include "canon/entry.h"
#include "digest/name.h"

namespace parapet::packet {
namespace {

using canon::EntryKind;
using digest::SipState;
using snapshot::Snapshot;

constexpr std::uint32_t kind_bit(EntryKind kind) noexcept { return 1u << static_cast<unsigned>(kind); }

// Adds the lists whose rules for this digest are of one of the kinds.
void take(const Snapshot& snapshot, RuleSetIndex found, const digest::Digest& digest, std::uint32_t kinds,
          Match& out) noexcept {
  std::uint32_t lists = 0;
  for (const auto& rule : snapshot.rules_of(found)) {
    if ((kinds >> rule.kind & 1) != 0) lists |= 1u << rule.list;
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

void take_if_found(const Snapshot& snapshot, const snapshot::FilterLine& line, const SipState& state,
                   std::uint32_t kinds, Match& out) noexcept {
  digest::Digest digest;
  const RuleSetIndex found = look_up(snapshot, line, state, digest);
  if (found.value != snapshot::kEmptySlot) take(snapshot, found, digest, kinds, out);
}

}  // namespace

void Matcher::match_request(const Snapshot& snapshot, Protocol protocol, const RequestText& text, Match& out) noexcept {
  out = {};
  out.name_unusable = text.name_lost;
  const bool is_http = protocol == Protocol::http;
  const RequestText* http = is_http && text.target_length > 0 ? &text : nullptr;  // CONNECT names no path
  for (std::size_t i = 0; i < text.name_count; ++i) {
    ByteView name = text.names[i].view();
    std::uint16_t port = 0;
    if (is_http) {
      const canon::Authority authority = canon::split_authority(name, 80);
      name = authority.host;
      port = authority.port == 80 ? std::uint16_t{0} : authority.port;
    }
    if (canon::canonicalise_host(name, host_) != canon::HostOutcome::ok) {
      out.name_unusable = true;
    } else {
      match_host(snapshot, http, port, out);
    }
    wipe(host_.text.data(), name.size() < host_.text.size() ? name.size() : host_.text.size());
  }
}

void Matcher::match_question(const Snapshot& snapshot, ByteView labels, Match& out) noexcept {
  out = {};
  if (labels.empty()) return;  // the root
  if (canon::canonicalise_labels(labels, host_) == canon::HostOutcome::ok) {
    match_host(snapshot, nullptr, 0, out);
  } else {
    out.name_unusable = true;
  }
  wipe(host_.text.data(), labels.size() < host_.text.size() ? labels.size() : host_.text.size());
}

void Matcher::match_host(const Snapshot& snapshot, const RequestText* http, std::uint16_t port, Match& out) noexcept {
  const snapshot::FilterLine* line = nullptr;
  RuleSetIndex last_found{snapshot::kEmptySlot};
  digest::Digest last_digest;
  const SipState whole = digest::walk_host(key_, host_.view(), [&](unsigned labels, const SipState& state) {
    last_found = {snapshot::kEmptySlot};
    if (labels <= 2) line = &snapshot.line_of(state.low());
    if (labels < 2 || host_.is_address) return;
    last_found = look_up(snapshot, *line, state, last_digest);
    if (last_found.value != snapshot::kEmptySlot) {
      take(snapshot, last_found, last_digest, kind_bit(EntryKind::domain), out);
    }
  });
  if (last_found.value != snapshot::kEmptySlot) {
    take(snapshot, last_found, last_digest, kind_bit(EntryKind::host), out);
  }
  if (http == nullptr) return;
  const SipState urls = digest::enter_urls(whole, port);
  if (!Snapshot::may_hold(*line, urls.low())) return;
  http->for_targets([&](ByteView target, bool cut) {
    canon::canonicalise_target(target, cut, target_);
    match_url(snapshot, *line, urls, out);
  });
  wipe(target_.text.data(), target_.text.size());
}

void Matcher::match_url(const Snapshot& snapshot, const snapshot::FilterLine& line, const SipState& urls,
                        Match& out) noexcept {
  constexpr std::uint32_t kInside = kind_bit(EntryKind::prefix) | kind_bit(EntryKind::prefix_below);
  take_if_found(snapshot, line, urls, kind_bit(EntryKind::prefix_below), out);
  const bool whole_path = !target_.cut;
  const SipState path = digest::walk_path(urls, target_.path(), [&](unsigned, const SipState& state, bool last) {
    if (!last) {
      take_if_found(snapshot, line, state, kInside, out);
    } else if (whole_path) {
      const std::uint32_t exact = target_.has_query ? 0 : kind_bit(EntryKind::url);
      take_if_found(snapshot, line, state, kind_bit(EntryKind::prefix) | exact, out);
    }
  });
  if (target_.has_query && whole_path) {
    take_if_found(snapshot, line, digest::enter_query(path, target_.query()), kind_bit(EntryKind::url), out);
  }
}

}  // namespace parapet::packet
