// SPDX-License-Identifier: Apache-2.0
// A file of the archive: as it comes, and as the stream under a head that fits, so that what stands behind the key is
// reached. Whatever was not sealed so opens nothing; what was sealed from the input is found.
#include <algorithm>
#include <string>

#include "input.h"
#include "lists/archive/find_entry.h"
#include "require.h"
#include "sealed_list.h"

namespace {

using namespace parapet;

const lists::ArchivedVersion kVersion{"hotline", 7};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = support::archive_keys(1);
  static const bool is_ready = lists::prepare_sealing().has_value();
  fuzz::require(is_ready);
  fuzz::require(!lists::find_entry({data, size}, kVersion, keys, EntryId{1}) || size > 168);
  static_cast<void>(lists::rewrap_sealed_head({data, size}, kVersion, keys));

  fuzz::Input input(data, size);
  std::vector<support::ClearEntry> entries;
  while (!input.empty() && entries.size() < 64) {
    const std::uint64_t id = input.u8();
    const std::size_t length = input.u16() % 4096 * (input.u8() % 16 + 1);
    const auto text = input.bytes(length);
    entries.push_back({id, entries.size(), std::string(text_of(text)) + std::string(length - text.size(), 'x')});
  }
  auto file = support::sealed_list(kVersion, entries, keys.current);
  for (const auto& entry : entries) {
    const auto first = std::ranges::find(entries, entry.id, &support::ClearEntry::id);
    const auto found = lists::find_entry(file, kVersion, keys, EntryId{entry.id});
    fuzz::require(found && found->canonical_text == first->text && found->line == first->line);
  }
  const std::size_t at = input.u16() % file.size();
  file[at] = static_cast<std::uint8_t>(file[at] ^ 1);
  const auto changed = lists::find_entry(file, kVersion, keys, EntryId{1});
  fuzz::require(!changed && changed.error().code != ErrorCode::not_found);
  return 0;
}
