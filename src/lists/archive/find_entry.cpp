// SPDX-License-Identifier: Apache-2.0
// Looking for one entry in the stream of an archived version.
#include "lists/archive/find_entry.h"

#include <optional>

#include "lists/archive/format.h"
#include "lists/archive/sealed_stream.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kAlwaysOnTheHeap = 64;  // so that a string that is moved leaves no copy behind

}  // namespace

Result<ArchivedEntry> find_entry(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys, EntryId id) {
  const auto data_key = open_sealed_head(file, version, keys);
  if (!data_key) return std::unexpected(data_key.error());
  std::optional<ArchivedEntry> found;
  const auto look = [&](EntryId each, std::uint64_t line, std::string_view text) {
    if (found || each.value != id.value) return;
    found.emplace();
    found->canonical_text.reserve(kAlwaysOnTheHeap);
    found->canonical_text = text;
    found->line = line;
  };
  if (auto status = walk_sealed_stream(file.subspan(sizeof(SealedHead)), data_key->bytes(), look); !status) {
    return std::unexpected(status.error());
  }
  if (!found) return fail(ErrorCode::not_found, "archive: this version has no such entry");
  return std::move(*found);
}

}  // namespace parapet::lists
