// SPDX-License-Identifier: Apache-2.0
// Looking for entries in the stream of an archived version.
#include "lists/archive/find_entry.h"

#include <algorithm>
#include <optional>

#include "lists/archive/format.h"
#include "lists/archive/sealed_stream.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kAlwaysOnTheHeap = 64;  // so that a string that is moved leaves no copy behind

Status walk_version(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys,
                    const SealedEntryVisitor& visit) {
  const auto data_key = open_sealed_head(file, version, keys);
  if (!data_key) return std::unexpected(data_key.error());
  return walk_sealed_stream(file.subspan(sizeof(SealedHead)), data_key->bytes(), visit);
}

}  // namespace

Result<ArchivedEntry> find_entry(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys, EntryId id) {
  std::optional<ArchivedEntry> found;
  const auto look = [&](EntryId each, std::uint64_t line, std::string_view text) {
    if (found || each != id) return;
    found.emplace();
    found->canonical_text.reserve(kAlwaysOnTheHeap);
    found->canonical_text = text;
    found->line = line;
  };
  if (auto status = walk_version(file, version, keys, look); !status) return std::unexpected(status.error());
  if (!found) return fail(ErrorCode::not_found, "archive: this version has no such entry");
  return std::move(*found);
}

Result<std::vector<EntryLine>> find_lines(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys,
                                          std::span<const EntryId> ids) {
  std::vector<EntryLine> lines;
  const auto look = [&](EntryId id, std::uint64_t line, std::string_view) {
    if (std::ranges::binary_search(ids, id)) lines.push_back({id, line});
  };
  if (auto status = walk_version(file, version, keys, look); !status) return std::unexpected(status.error());
  return lines;
}

}  // namespace parapet::lists
