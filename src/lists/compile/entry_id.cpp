// SPDX-License-Identifier: Apache-2.0
// Entry ids by libsodium's BLAKE2b.
#include "lists/compile/entry_id.h"

#include <sodium.h>
#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "base/secret.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kPurpose = "parapet entry id 1:";

}  // namespace

EntryIds::EntryIds(const digest::Key& key, std::string_view list_name) noexcept : key_{} {
  static_assert(sizeof(digest::Key) >= crypto_generichash_KEYBYTES_MIN);
  std::string purpose(kPurpose);
  purpose += list_name;
  crypto_generichash(key_.data(), key_.size(), reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                     reinterpret_cast<const unsigned char*>(&key), sizeof key);
}

EntryId EntryIds::id_of(const canon::Entry& entry) const noexcept {
  std::string text = canon::canonical_text(entry);
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     key_.data(), key_.size());
  wipe(text.data(), text.size());
  return EntryId{load_be64(hash.data())};
}

std::string format_entry_id(EntryId id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[i] = kDigits[(id.value >> (60 - 4 * i)) & 15];
  return text;
}

Result<EntryId> parse_entry_id(std::string_view text) {
  EntryId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::invalid_argument, "an entry id has 16 hexadecimal digits");
  }
  return id;
}

std::string format_entry_ids(std::span<const EntryId> ids) {
  constexpr std::size_t kMaxIds = 1000;
  std::string text;
  for (const EntryId id : ids.first(std::min(ids.size(), kMaxIds))) {
    if (!text.empty()) text += ' ';
    text += format_entry_id(id);
  }
  return text;
}

}  // namespace parapet::lists
