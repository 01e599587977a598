// SPDX-License-Identifier: Apache-2.0
// Archived versions of made-up entries: as bytes, and as the memory that a reading child hands back.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "lists/archive/archive_key.h"
#include "lists/archive/entry_sealer.h"
#include "lists/archive/sealed_head.h"

namespace parapet::support {

struct ClearEntry {
  std::uint64_t id;
  std::uint64_t line;
  std::string text;
};

using SealedBytes = std::vector<std::uint8_t>;

inline std::array<std::uint8_t, 32> key_bytes(std::uint8_t first) {
  std::array<std::uint8_t, 32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

inline lists::ArchiveKeys archive_keys(std::uint8_t current, std::initializer_list<std::uint8_t> old = {}) {
  const auto made = [](std::uint8_t first) {
    auto key = lists::ArchiveKey::from_bytes(key_bytes(first));
    if (!key) std::abort();
    return std::move(*key);
  };
  lists::ArchiveKeys keys{made(current), {}};
  for (const auto first : old) keys.old.push_back(made(first));
  return keys;
}

inline SealedBytes sealed_stream(ByteView data_key, const std::vector<ClearEntry>& entries) {
  SealedBytes stream;
  if (!lists::prepare_sealing()) std::abort();
  lists::EntrySealer sealer(data_key, UINT64_MAX, [&](ByteView sealed) -> Status {
    stream.insert(stream.end(), sealed.begin(), sealed.end());
    return {};
  });
  for (const auto& entry : entries) sealer.add(EntryId{entry.id}, entry.line, entry.text);
  if (!sealer.finish()) std::abort();
  return stream;
}

inline SealedBytes sealed_list(const lists::ArchivedVersion& version, const std::vector<ClearEntry>& entries,
                               const lists::ArchiveKey& key, std::uint8_t data_key = 100) {
  const auto data = key_bytes(data_key);
  const auto head = lists::make_sealed_head(version, 7, key, data);
  const auto* begin = reinterpret_cast<const std::uint8_t*>(&head);
  SealedBytes file(begin, begin + sizeof head);
  const auto stream = sealed_stream(data, entries);
  file.insert(file.end(), stream.begin(), stream.end());
  return file;
}

inline Fd memory_with(ByteView bytes) {
  Fd fd(::memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
  return fd;
}

}  // namespace parapet::support
