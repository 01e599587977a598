// SPDX-License-Identifier: Apache-2.0
// Opening the stream of an archived version.
#include "lists/archive/find_entry.h"

#include <sodium.h>
#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "lists/archive/format.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kAlwaysOnTheHeap = 64;  // so that a string that is moved leaves no copy behind

// The text is in clear for as long as the call lasts.
using Visit = std::function<void(EntryId id, std::uint64_t line, ByteView text)>;

// Takes the row of entries apart as it comes in pieces.
class EntryRow {
 public:
  explicit EntryRow(const Visit& visit) : visit_(visit) { rest_.reserve(kEntryHead + kMaxEntryText + kChunk); }
  EntryRow(const EntryRow&) = delete;
  EntryRow& operator=(const EntryRow&) = delete;
  ~EntryRow() { wipe(rest_); }

  void take(ByteView piece) {
    rest_.insert(rest_.end(), piece.begin(), piece.end());
    std::size_t at = 0;
    while (rest_.size() - at >= kEntryHead) {
      const std::size_t size = kEntryHead + load<std::uint16_t>(at + 16);
      if (rest_.size() - at < size) break;
      visit_(EntryId{load<std::uint64_t>(at)}, load<std::uint64_t>(at + 8),
             ByteView(rest_).subspan(at + kEntryHead, size - kEntryHead));
      at += size;
    }
    std::copy(rest_.begin() + static_cast<std::ptrdiff_t>(at), rest_.end(), rest_.begin());
    const std::size_t left = rest_.size() - at;
    wipe(rest_.data() + left, at);
    rest_.resize(left);
  }

  bool is_between_entries() const noexcept { return rest_.empty(); }

 private:
  template <typename T>
  T load(std::size_t at) const noexcept {
    T value;
    std::memcpy(&value, rest_.data() + at, sizeof value);
    return value;
  }

  const Visit& visit_;
  std::vector<std::uint8_t> rest_;  // of an entry that goes on in the next chunk; never grows past its reserve
};

// The stream under one data key; both are overwritten when it goes.
class Stream {
 public:
  explicit Stream(const SecretMemory& data_key, ByteView header) noexcept {
    is_open_ = ::crypto_secretstream_xchacha20poly1305_init_pull(&state_, header.data(), data_key.bytes().data()) == 0;
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    wipe(&state_, sizeof state_);
    wipe(clear_);
  }

  // The chunk in clear, valid until the next; nothing where it is not what was sealed as this one.
  std::optional<ByteView> open(ByteView sealed, bool is_last) {
    unsigned char tag = 0;
    const bool opens =
        is_open_ && ::crypto_secretstream_xchacha20poly1305_pull(&state_, clear_.data(), nullptr, &tag, sealed.data(),
                                                                 sealed.size(), nullptr, 0) == 0;
    const unsigned char expected =
        is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    was_final_ = opens && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (!opens || tag != expected) return std::nullopt;
    return ByteView(clear_).first(sealed.size() - kChunkOverhead);
  }
  bool was_final() const noexcept { return was_final_; }

 private:
  crypto_secretstream_xchacha20poly1305_state state_{};
  std::vector<std::uint8_t> clear_ = std::vector<std::uint8_t>(kChunk);
  bool is_open_ = false;
  bool was_final_ = false;
};

std::unexpected<Error> broken(std::string what) { return fail(ErrorCode::integrity, "archive: " + std::move(what)); }

// Every entry of the version in its order.
Status walk_entries(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys, const Visit& visit) {
  const auto data_key = open_sealed_head(file, version, keys);
  if (!data_key) return std::unexpected(data_key.error());
  ByteView rest = file.subspan(sizeof(SealedHead));
  if (!is_sealed_size(rest.size())) return broken("cut short");
  Stream stream(*data_key, rest.first(kStreamHeader));
  rest = rest.subspan(kStreamHeader);
  EntryRow row(visit);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto sealed = rest.first(std::min(rest.size(), kSealedChunk));
    rest = rest.subspan(sealed.size());
    const auto clear = stream.open(sealed, rest.empty());
    if (!clear && stream.was_final()) return broken("something stands behind its end");
    if (!clear) return broken("chunk " + std::to_string(number) + " was changed or moved, or it was cut short there");
    row.take(*clear);
  }
  if (!row.is_between_entries()) return fail(ErrorCode::malformed, "archive: its last entry has no end");
  return {};
}

}  // namespace

bool is_sealed_size(std::uint64_t stream_bytes) noexcept {
  if (stream_bytes < kStreamHeader + kChunkOverhead) return false;
  const std::uint64_t last = (stream_bytes - kStreamHeader) % kSealedChunk;
  return last == 0 || last >= kChunkOverhead;
}

Result<ArchivedEntry> find_entry(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys, EntryId id) {
  std::optional<ArchivedEntry> found;
  const auto walked = walk_entries(file, version, keys, [&](EntryId each, std::uint64_t line, ByteView text) {
    if (found || each != id) return;
    found.emplace();
    found->canonical_text.reserve(kAlwaysOnTheHeap);
    found->canonical_text = text_of(text);
    found->line = line;
  });
  if (!walked) return std::unexpected(walked.error());
  if (!found) return fail(ErrorCode::not_found, "archive: this version has no such entry");
  return std::move(*found);
}

Result<std::vector<EntryLine>> find_lines(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys,
                                          std::span<const EntryId> ids) {
  std::vector<EntryLine> lines;
  const auto walked = walk_entries(file, version, keys, [&](EntryId id, std::uint64_t line, ByteView) {
    if (std::ranges::binary_search(ids, id)) lines.push_back({id, line});
  });
  if (!walked) return std::unexpected(walked.error());
  return lines;
}

}  // namespace parapet::lists
