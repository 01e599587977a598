// SPDX-License-Identifier: Apache-2.0
// The digests that a URL or a bare name is asked for by, and which kinds of entries each of them can be: the edge's
// semantics, for whatever holds the entries.
#pragma once

#include <cstdint>
#include <string>

#include "canon/entry.h"
#include "digest/key.h"
#include "digest/name.h"

namespace parapet::lists {

// Kinds as bits.
constexpr std::uint32_t kind_bit(canon::EntryKind kind) noexcept { return 1U << static_cast<unsigned>(kind); }
constexpr bool has_kind(std::uint32_t kinds, canon::EntryKind kind) noexcept { return (kinds & kind_bit(kind)) != 0; }

//   question  canonical (parse_question); without a path it asks for the name alone
//   at_label  called with the number of labels and the state at each label's end, from the last label on, before the
//             kinds of that state
//   take      called with a state and the kinds of entries that it can be
template <typename AtLabel, typename Take>
void walk_question(const canon::Entry& question, const digest::Key& key, AtLabel&& at_label, Take&& take) {
  using enum canon::EntryKind;
  using digest::SipState;
  // An address is asked for by its URL alone.
  const bool by_label =
      question.host.find_first_not_of("0123456789.") != std::string::npos && question.host.front() != '[';
  const SipState host_end = digest::walk_host(key, question.host, [&](unsigned labels, const SipState& state) {
    at_label(labels, state);
    if (labels >= 2 && by_label) take(state, kind_bit(domain));
  });
  if (by_label) take(host_end, kind_bit(host));
  if (question.path.empty()) return;
  const SipState urls = digest::enter_urls(host_end, question.port);
  take(urls, kind_bit(prefix_below));
  const std::uint32_t exact = question.query.empty() ? kind_bit(url) : 0;
  const SipState path = digest::walk_path(urls, question.path, [&](unsigned, const SipState& state, bool last) {
    take(state, kind_bit(prefix) | (last ? exact : kind_bit(prefix_below)));
  });
  if (!question.query.empty()) take(digest::enter_query(path, question.query), kind_bit(url));
}

}  // namespace parapet::lists
