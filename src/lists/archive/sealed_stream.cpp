// SPDX-License-Identifier: Apache-2.0
// Opening by libsodium's secretstream.
#include "lists/archive/sealed_stream.h"

#include <sodium.h>
#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "base/secret.h"
#include "lists/archive/format.h"

namespace parapet::lists {
namespace {

// Takes the row of entries apart as it comes in pieces.
class EntryRow {
 public:
  explicit EntryRow(const SealedEntryVisitor& visit) : visit_(visit) {
    rest_.reserve(kEntryHead + kMaxEntryText + kChunk);
  }
  EntryRow(const EntryRow&) = delete;
  EntryRow& operator=(const EntryRow&) = delete;
  ~EntryRow() { wipe(rest_); }

  void take(ByteView piece) {
    rest_.insert(rest_.end(), piece.begin(), piece.end());
    std::size_t at = 0;
    while (rest_.size() - at >= kEntryHead) {
      const std::size_t size = kEntryHead + load<std::uint16_t>(at + 16);
      if (rest_.size() - at < size) break;
      const auto text = text_of(ByteView(rest_).subspan(at + kEntryHead, size - kEntryHead));
      visit_(EntryId{load<std::uint64_t>(at)}, load<std::uint64_t>(at + 8), text);
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

  const SealedEntryVisitor& visit_;
  std::vector<std::uint8_t> rest_;  // of an entry that goes on in the next chunk; never grows past its reserve
};

// The stream under one data key; both are overwritten when it goes.
class Stream {
 public:
  Stream(ByteView data_key, ByteView header) noexcept {
    is_open_ = ::crypto_secretstream_xchacha20poly1305_init_pull(&state_, header.data(), data_key.data()) == 0;
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

}  // namespace

bool is_sealed_size(std::uint64_t stream_bytes) noexcept {
  if (stream_bytes < kStreamHeader + kChunkOverhead) return false;
  const std::uint64_t last = (stream_bytes - kStreamHeader) % kSealedChunk;
  return last == 0 || last >= kChunkOverhead;
}

Status walk_sealed_stream(ByteView stream_bytes, ByteView data_key, const SealedEntryVisitor& visit) {
  if (!is_sealed_size(stream_bytes.size())) return broken("cut short");
  Stream stream(data_key, stream_bytes.first(kStreamHeader));
  ByteView rest = stream_bytes.subspan(kStreamHeader);
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

}  // namespace parapet::lists
