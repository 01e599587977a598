// SPDX-License-Identifier: Apache-2.0
// Keeping overrides.
#include "lists/hold/overrides.h"

#include <limits>
#include <unordered_set>

#include "base/frame_fields.h"
#include "lists/publish/keyed_file.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kMagic = "POV1";
constexpr std::size_t kMaxFile = 1 << 20;
constexpr std::size_t kMaxOverrides = 16 * kMaxNamedEntries;

}  // namespace

Result<Overrides> Overrides::load(std::string path, const digest::Key& key) {
  Overrides overrides(std::move(path), key);
  const auto bytes = read_keyed_file_if_any(overrides.path_, kMaxFile, key);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return overrides;
  FrameReader reader(*bytes);
  reader.magic(kMagic);
  for (auto count = reader.number(kMaxOverrides); count > 0; --count) {
    const EntryId id{reader.number(std::numeric_limits<std::uint64_t>::max())};
    overrides.until_realtime_s_[id] = reader.number(std::numeric_limits<std::uint64_t>::max());
  }
  if (!reader.complete()) return fail(ErrorCode::malformed, overrides.path_ + " cannot be read");
  return overrides;
}

Status Overrides::keep() const {
  if (until_realtime_s_.empty()) return remove_file(path_);
  FrameWriter writer(kMagic);
  writer.number(until_realtime_s_.size());
  for (const auto& [id, until] : until_realtime_s_) {
    writer.number(id.value);
    writer.number(until);
  }
  return write_keyed_file(path_, writer.bytes, *key_);
}

Findings Overrides::without_allowed(const Findings& findings, std::uint64_t now_realtime_s) const {
  Findings open;
  for (const auto& finding : findings) {
    Finding rest = finding;
    if (is_never_block(finding.rule)) {
      rest.count -= std::erase_if(rest.entries, [&](EntryId id) {
        const auto at = until_realtime_s_.find(id);
        return at != until_realtime_s_.end() && at->second > now_realtime_s;
      });
      if (rest.count == 0) continue;
    }
    open.push_back(std::move(rest));
  }
  return open;
}

Status Overrides::allow(const Findings& findings, std::uint64_t now_realtime_s) {
  for (const auto& finding : findings) {
    if (!is_never_block(finding.rule)) continue;
    for (const EntryId id : finding.entries) until_realtime_s_[id] = now_realtime_s + kOverrideSeconds;
  }
  if (until_realtime_s_.size() > kMaxOverrides) return fail(ErrorCode::limit, "too many entries are allowed already");
  return keep();
}

Status Overrides::forget_all_but(const DigestedList& list) {
  std::unordered_set<std::uint64_t> gone;
  for (const auto& [id, until] : until_realtime_s_) gone.insert(id.value);
  for (const auto& entry : list.entries) {
    if (gone.empty()) return {};
    gone.erase(entry.id);
  }
  if (gone.empty()) return {};
  for (const auto id : gone) until_realtime_s_.erase(EntryId{id});
  return keep();
}

std::vector<EntryId> Overrides::all() const {
  std::vector<EntryId> ids;
  for (const auto& [id, until] : until_realtime_s_) ids.push_back(id);
  return ids;
}

std::vector<EntryId> Overrides::over(std::uint64_t now_realtime_s) const {
  std::vector<EntryId> ended;
  for (const auto& [id, until] : until_realtime_s_) {
    if (until <= now_realtime_s) ended.push_back(id);
  }
  return ended;
}

}  // namespace parapet::lists
