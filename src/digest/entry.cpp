// SPDX-License-Identifier: Apache-2.0
// Digesting an entry.
#include "digest/entry.h"

namespace parapet::digest {

DigestedEntry digest_entry(const Key& key, const canon::Entry& entry, std::uint64_t id) noexcept {
  DigestedEntry out{{}, 0, 0, id, entry.kind};
  const SipState host = walk_host(key, entry.host, [&](unsigned labels, const SipState& state) {
    if (labels <= 2) out.line = state.low();
  });
  if (entry.path.empty()) {
    out.digest = host.digest();
    return out;
  }
  const SipState urls = enter_urls(host, entry.port);
  out.url_mark = urls.low();
  std::string_view path = entry.path;
  // A prefix "/a/" is found at the end of segment "a": its last, empty segment is left out. "/" has nothing before it.
  const bool below = entry.kind == canon::EntryKind::prefix_below;
  if (below && path.size() == 1) {
    out.digest = urls.digest();
    return out;
  }
  if (below) path.remove_suffix(1);
  SipState state = walk_path(urls, path, [](unsigned, const SipState&, bool) {});
  if (!entry.query.empty()) state = enter_query(state, entry.query);
  out.digest = state.digest();
  return out;
}

}  // namespace parapet::digest
