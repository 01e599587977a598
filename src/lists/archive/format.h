// SPDX-License-Identifier: Apache-2.0
// The bytes of one archived version of a list; docs/formats/archive.md describes them, tests hold golden bytes.
//
//   0    u64  magic "PRPTARCV"               64   u8[8]  archive key id
//   8    u16  major, 10 u16 minor            72   u8[24] nonce of the wrapping
//   12   u32  head size, 144                 96   u8[48] data key, wrapped under the archive key:
//   16   u64  number of the version                      XChaCha20-Poly1305, bytes 0..95 are authenticated with it
//   24   u64  sealed_realtime_ns             144  u8[24] header of the stream under the data key
//   32   u8[32] list name, zero-padded       168  chunks of crypto_secretstream_xchacha20poly1305
//
// A chunk is kChunk bytes of entries and 17 of its own; the last one is shorter or as long and bears the final tag.
// Entries follow each other across chunks: u64 id, u64 line, u16 length, canonical text. Little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace parapet::lists {

struct SealedHead {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t head_size;
  std::uint64_t number;
  std::uint64_t sealed_realtime_ns;
  char name[32];
  std::uint8_t key_id[8];
  std::uint8_t nonce[24];
  std::uint8_t wrapped_key[48];
};
static_assert(sizeof(SealedHead) == 144);

inline constexpr std::uint64_t kArchiveMagic = 0x5643524154505250;  // "PRPTARCV"
inline constexpr std::uint16_t kArchiveMajor = 1;
inline constexpr std::uint16_t kArchiveMinor = 0;

inline constexpr std::size_t kAuthenticatedHead = 96;
inline constexpr std::size_t kStreamHeader = 24;
inline constexpr std::size_t kChunk = 64 << 10;
inline constexpr std::size_t kChunkOverhead = 17;
inline constexpr std::size_t kSealedChunk = kChunk + kChunkOverhead;
inline constexpr std::size_t kEntryHead = 18;             // id, line and length
inline constexpr std::size_t kMaxEntryText = UINT16_MAX;  // canon/entry.h makes far less of a line

}  // namespace parapet::lists
