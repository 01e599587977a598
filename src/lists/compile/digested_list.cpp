// SPDX-License-Identifier: Apache-2.0
// The bytes of a digested list.
#include "lists/compile/digested_list.h"

#include <sodium.h>
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <tuple>

#include "base/frame_fields.h"
#include "config/toml_table.h"
#include "lists/fetch/fetch.h"
#include "lists/guard/guard.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kMagic = 0x54534c4454505250;  // "PRPTDLST"
constexpr std::uint16_t kMajor = 1;
constexpr std::uint16_t kMinor = 2;
constexpr std::uint16_t kMinorWithPlace = 3;

struct FileHeader {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t header_size;
  std::uint64_t file_size;
  std::uint64_t entry_count;
  std::uint64_t entries_offset;
  std::uint8_t key_id[8];
  std::uint64_t unenforceable;  // from minor version 2 on; zero before
  std::uint8_t checksum[16];
  std::uint64_t sequence;
  std::uint64_t fetched_realtime_ns;
  std::uint64_t last_modified_realtime_ns;
  std::uint16_t etag_length;
  std::uint16_t last_modified_length;
  std::uint32_t reserved1;
  std::uint64_t signed_realtime_ns;  // from minor version 1 on; zeros before
  std::uint64_t signed_sequence;
  std::uint8_t signing_key[8];
  std::uint8_t name[32];
};
static_assert(sizeof(FileHeader) == 160 && offsetof(FileHeader, checksum) == 56 && offsetof(FileHeader, name) == 128);

// Behind the header, from minor version 3 on.
struct FilePlace {
  std::uint64_t version;
  std::uint64_t whole_entries;
  std::uint64_t added;
  std::uint64_t removed;
};
static_assert(sizeof(FilePlace) == 32);

struct FileEntry {
  std::uint64_t low;
  std::uint64_t high;
  std::uint64_t line;
  std::uint64_t url_mark;
  std::uint64_t id;
  std::uint8_t kind;
  std::uint8_t reserved[3];
  std::uint32_t ends_s;  // from minor version 2 on; zero before
};
static_assert(sizeof(FileEntry) == 48);

FileEntry record_of(const digest::DigestedEntry& entry) {
  return {entry.digest.low,
          entry.digest.high,
          entry.line,
          entry.url_mark,
          entry.id,
          static_cast<std::uint8_t>(entry.kind),
          {},
          entry.ends_s};
}

auto order_of(const digest::DigestedEntry& entry) {
  return std::tuple(entry.digest.low, entry.digest.high, entry.kind);
}

bool is_kind(std::uint8_t kind) {
  return kind >= 1 && kind <= static_cast<std::uint8_t>(canon::EntryKind::prefix_below);
}

bool names_url(canon::EntryKind kind) { return kind != canon::EntryKind::host && kind != canon::EntryKind::domain; }

template <typename Bytes>
bool all_zero(const Bytes& bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::size_t header_size_of(std::uint16_t minor) {
  return sizeof(FileHeader) + (minor >= kMinorWithPlace ? sizeof(FilePlace) : 0);
}

std::uint64_t entries_offset_for(std::size_t header_size, std::size_t texts) {
  return (header_size + texts + 7) / 8 * 8;
}

// Over a copy of the header whose checksum is zero, then the rest.
digest::Digest checksum_of(const digest::Key& key, ByteView bytes) {
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.begin() + sizeof(FileHeader));
  std::memset(copy.data() + offsetof(FileHeader, checksum), 0, sizeof(FileHeader::checksum));
  const digest::Digest rest = digest::checksum(key, bytes.subspan(sizeof(FileHeader)));
  copy.resize(sizeof(FileHeader) + sizeof rest);
  std::memcpy(copy.data() + sizeof(FileHeader), &rest, sizeof rest);
  return digest::checksum(key, copy);
}

Status check_header(const FileHeader& header, ByteView bytes, const digest::Key& key) {
  if (header.magic != kMagic) return fail(ErrorCode::malformed, "digested list: not one (magic)");
  if (header.major != kMajor) {
    return fail(ErrorCode::unsupported,
                "digested list: version " + std::to_string(header.major) + "; this program reads 1");
  }
  const std::size_t texts = std::size_t{header.etag_length} + header.last_modified_length;
  const bool sizes_fit = header.header_size == header_size_of(header.minor) && header.file_size == bytes.size() &&
                         header.etag_length <= kMaxEtag && header.last_modified_length <= kMaxLastModified &&
                         header.entries_offset == entries_offset_for(header.header_size, texts) &&
                         header.entry_count <= kMaxEntries &&
                         header.entries_offset + header.entry_count * sizeof(FileEntry) == bytes.size();
  if (!sizes_fit) return fail(ErrorCode::malformed, "digested list: its sizes do not fit each other");
  const auto id = digest::key_id(key);
  if (std::memcmp(header.key_id, id.data(), id.size()) != 0) {
    return fail(ErrorCode::integrity, "digested list: made with another digest key");
  }
  const digest::Digest checksum = checksum_of(key, bytes);
  if (std::memcmp(header.checksum, &checksum, sizeof header.checksum) != 0) {
    return fail(ErrorCode::integrity, "digested list: the checksum does not fit");
  }
  if ((header.minor < 2 && header.unenforceable != 0) || header.reserved1 != 0) {
    return fail(ErrorCode::malformed, "digested list: reserved bytes are not zero");
  }
  return {};
}

Result<digest::DigestedEntry> parse_entry_record(const std::uint8_t* at, std::uint16_t minor) {
  FileEntry record;
  std::memcpy(&record, at, sizeof record);
  if (!is_kind(record.kind) || !all_zero(record.reserved))
    return fail(ErrorCode::malformed, "digested list: entry of no known kind");
  if (minor < 2 && record.ends_s != 0) {
    return fail(ErrorCode::malformed, "digested list: entry with an end, of a version that has none");
  }
  digest::DigestedEntry entry{{record.low, record.high},
                              record.line,
                              record.url_mark,
                              record.id,
                              static_cast<canon::EntryKind>(record.kind),
                              record.ends_s};
  if (!names_url(entry.kind) && entry.url_mark != 0)
    return fail(ErrorCode::malformed, "digested list: host entry with a URL mark");
  return entry;
}

}  // namespace

void sort_entries(std::vector<digest::DigestedEntry>& entries) {
  // Of doubles the one that ends last comes first and stays.
  constexpr std::uint64_t kNever = std::uint64_t{1} << 32;
  const auto end_of = [](const digest::DigestedEntry& entry) { return entry.ends_s == 0 ? kNever : entry.ends_s; };
  std::ranges::sort(entries, [&](const digest::DigestedEntry& a, const digest::DigestedEntry& b) {
    return std::tuple(order_of(a), end_of(b)) < std::tuple(order_of(b), end_of(a));
  });
  const auto doubles = std::ranges::unique(entries, {}, order_of);
  entries.erase(doubles.begin(), doubles.end());
}

std::array<std::uint8_t, 32> content_hash(const DigestedList& list) {
  crypto_generichash_state state;
  std::array<std::uint8_t, 32> hash{};
  ::crypto_generichash_init(&state, nullptr, 0, hash.size());
  const auto add = [&state](const void* bytes, std::size_t size) {
    ::crypto_generichash_update(&state, static_cast<const unsigned char*>(bytes), size);
  };
  add(list.name.c_str(), list.name.size() + 1);
  add(&list.signed_order.realtime_ns, sizeof list.signed_order.realtime_ns);
  add(&list.signed_order.sequence, sizeof list.signed_order.sequence);
  for (const auto& entry : list.entries) {
    const FileEntry record = record_of(entry);
    add(&record, sizeof record);
  }
  ::crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

std::vector<std::uint8_t> format_digested_list(const DigestedList& list, const digest::Key& key) {
  FileHeader header{};
  header.magic = kMagic;
  header.major = kMajor;
  header.minor = list.place.version != 0 ? kMinorWithPlace : kMinor;
  header.header_size = static_cast<std::uint32_t>(header_size_of(header.minor));
  header.entry_count = list.entries.size();
  header.etag_length = static_cast<std::uint16_t>(list.etag.size());
  header.last_modified_length = static_cast<std::uint16_t>(list.last_modified.size());
  header.entries_offset = entries_offset_for(header.header_size, list.etag.size() + list.last_modified.size());
  header.file_size = header.entries_offset + header.entry_count * sizeof(FileEntry);
  header.sequence = list.sequence;
  header.fetched_realtime_ns = list.fetched_realtime_ns;
  header.last_modified_realtime_ns = list.last_modified_realtime_ns;
  header.unenforceable = list.unenforceable;
  header.signed_realtime_ns = list.signed_order.realtime_ns;
  header.signed_sequence = list.signed_order.sequence;
  std::memcpy(header.signing_key, list.signing_key.data(), list.signing_key.size());
  const auto id = digest::key_id(key);
  std::memcpy(header.key_id, id.data(), id.size());
  std::memcpy(header.name, list.name.data(), std::min(list.name.size(), sizeof header.name));

  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(header.file_size));
  std::memcpy(bytes.data(), &header, sizeof header);
  const FilePlace place{list.place.version, list.place.whole_entries, list.place.added, list.place.removed};
  if (header.minor == kMinorWithPlace) std::memcpy(bytes.data() + sizeof header, &place, sizeof place);
  std::uint8_t* at = bytes.data() + header.header_size;
  at = std::ranges::copy(bytes_of(list.etag), at).out;
  std::ranges::copy(bytes_of(list.last_modified), at);
  at = bytes.data() + header.entries_offset;
  for (const auto& entry : list.entries) {
    const FileEntry record = record_of(entry);
    std::memcpy(at, &record, sizeof record);
    at += sizeof record;
  }
  const digest::Digest checksum = checksum_of(key, bytes);
  std::memcpy(bytes.data() + offsetof(FileHeader, checksum), &checksum, sizeof checksum);
  return bytes;
}

Result<DigestedList> parse_digested_list(ByteView bytes, const digest::Key& key) {
  if (bytes.size() < sizeof(FileHeader)) return fail(ErrorCode::malformed, "digested list: shorter than its header");
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (auto status = check_header(header, bytes, key); !status) return std::unexpected(status.error());

  DigestedList list;
  const std::string_view padded(reinterpret_cast<const char*>(header.name), sizeof header.name);
  list.name = padded.substr(0, padded.find('\0'));
  if (!config::is_name(list.name) || !all_zero(bytes_of(padded.substr(list.name.size())))) {
    return fail(ErrorCode::malformed, "digested list: its name is none");
  }
  list.sequence = header.sequence;
  list.fetched_realtime_ns = header.fetched_realtime_ns;
  list.last_modified_realtime_ns = header.last_modified_realtime_ns;
  list.unenforceable = header.unenforceable;
  list.signed_order = {header.signed_realtime_ns, header.signed_sequence};
  std::ranges::copy(header.signing_key, list.signing_key.begin());
  if (!list.signed_order.is_signed() && (header.signed_sequence != 0 || !all_zero(header.signing_key))) {
    return fail(ErrorCode::malformed, "digested list: a signer without a time");
  }
  if (header.minor >= kMinorWithPlace) {
    FilePlace place;
    std::memcpy(&place, bytes.data() + sizeof header, sizeof place);
    list.place = {place.version, place.whole_entries, place.added, place.removed};
    if (list.place.version == 0) return fail(ErrorCode::malformed, "digested list: a place without a number");
  }
  list.etag = text_of(bytes.subspan(header.header_size, header.etag_length));
  list.last_modified = text_of(bytes.subspan(header.header_size + header.etag_length, header.last_modified_length));
  if (!is_visible(list.etag) || !is_visible(list.last_modified)) {
    return fail(ErrorCode::malformed, "digested list: etag or last-modified is no header value");
  }
  list.entries.reserve(static_cast<std::size_t>(header.entry_count));
  const std::uint8_t* at = bytes.data() + header.entries_offset;
  for (std::uint64_t i = 0; i < header.entry_count; ++i, at += sizeof(FileEntry)) {
    auto entry = parse_entry_record(at, header.minor);
    if (!entry) return std::unexpected(entry.error());
    if (!list.entries.empty() && order_of(list.entries.back()) >= order_of(*entry)) {
      return fail(ErrorCode::malformed, "digested list: entries do not ascend");
    }
    list.entries.push_back(*entry);
  }
  return list;
}

}  // namespace parapet::lists
