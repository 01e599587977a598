// SPDX-License-Identifier: Apache-2.0
// Sealing by libsodium's secretstream.
#include "lists/archive/entry_sealer.h"

#include <sodium.h>
#include <algorithm>
#include <array>
#include <cstring>

#include "base/secret.h"
#include "lists/archive/archive_key.h"
#include "lists/archive/format.h"

namespace parapet::lists {

static_assert(kDataKeySize == crypto_secretstream_xchacha20poly1305_KEYBYTES);
static_assert(kStreamHeader == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(kChunkOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);

struct EntrySealer::Stream {
  crypto_secretstream_xchacha20poly1305_state state;
  std::array<std::uint8_t, kChunk> clear;
  std::array<std::uint8_t, kSealedChunk> sealed;
  std::size_t filled = 0;
};

Status prepare_sealing() {
  if (::sodium_init() < 0) return fail(ErrorCode::unavailable, "libsodium does not start");
  return {};
}

EntrySealer::EntrySealer(ByteView data_key, std::uint64_t max_bytes, Write write)
    : stream_(std::make_unique<Stream>()), bytes_left_(max_bytes), write_(std::move(write)) {
  std::array<std::uint8_t, kStreamHeader> header;
  ::crypto_secretstream_xchacha20poly1305_init_push(&stream_->state, header.data(), data_key.data());
  this->write(header);
}

EntrySealer::~EntrySealer() { wipe(stream_.get(), sizeof *stream_); }

void EntrySealer::add(EntryId id, std::uint64_t line, std::string_view canonical_text) {
  if (!status_) return;
  if (canonical_text.size() > kMaxEntryText) {
    status_ = fail(ErrorCode::limit, "line " + std::to_string(line) + ": its canonical form is too long to archive");
    return;
  }
  std::array<std::uint8_t, kEntryHead> head;
  const auto length = static_cast<std::uint16_t>(canonical_text.size());
  std::memcpy(head.data(), &id.value, sizeof id.value);
  std::memcpy(head.data() + 8, &line, sizeof line);
  std::memcpy(head.data() + 16, &length, sizeof length);
  append(head);
  append(bytes_of(canonical_text));
}

Status EntrySealer::finish() {
  seal_chunk(true);
  return status_;
}

void EntrySealer::append(ByteView bytes) {
  while (!bytes.empty()) {
    if (stream_->filled == kChunk) seal_chunk(false);
    const auto taken = bytes.first(std::min(bytes.size(), kChunk - stream_->filled));
    std::ranges::copy(taken, stream_->clear.begin() + static_cast<std::ptrdiff_t>(stream_->filled));
    stream_->filled += taken.size();
    bytes = bytes.subspan(taken.size());
  }
}

void EntrySealer::seal_chunk(bool is_last) {
  const unsigned char tag =
      is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  ::crypto_secretstream_xchacha20poly1305_push(&stream_->state, stream_->sealed.data(), nullptr, stream_->clear.data(),
                                               stream_->filled, nullptr, 0, tag);
  wipe(stream_->clear.data(), stream_->filled);
  write({stream_->sealed.data(), stream_->filled + kChunkOverhead});
  stream_->filled = 0;
}

void EntrySealer::write(ByteView sealed) {
  if (!status_) return;
  if (sealed.size() > bytes_left_) {
    status_ = fail(ErrorCode::limit, "its entries take more than is archived of a list of this size");
    return;
  }
  bytes_left_ -= sealed.size();
  status_ = write_(sealed);
}

}  // namespace parapet::lists
