// SPDX-License-Identifier: Apache-2.0
// The sealed archive: the last versions of each list in clear behind a key, in state_directory/archive/NAME/NUMBER.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "lists/archive/archive_key.h"
#include "lists/archive/find_entry.h"
#include "lists/archive/sealed_head.h"

namespace parapet::lists {

inline constexpr std::size_t kKeptVersions = 10;  // of each list

struct FoundEntry {
  std::uint64_t number = 0;  // of the newest kept version that has it
  ArchivedEntry entry;
};

// A version as it lies there, and what opens it.
struct SealedVersion {
  SecretMemory data_key;
  std::vector<std::uint8_t> stream;  // sealed
};

struct ResealCount {
  std::size_t resealed = 0;  // now under the current key
  std::size_t closed = 0;    // no key opens them, or they are damaged; left as they are
};

// thread: any; callers that keep, remove or reseal take turns for one list.
class Archive {
 public:
  // Makes the folder (0700) where it is missing, and removes what a killed process left half written.
  //   errors  permission · io · unavailable (libsodium)
  static Result<Archive> open(const std::string& state_directory, ArchiveKeys keys);

  // Writes one version: its head, and the stream that an EntrySealer made under this data key. Versions with higher
  // numbers go, for they were never accepted, and so do those before the last kKeptVersions.
  //   stream_fd  memory that nobody can change any more (F_SEAL_WRITE, F_SEAL_SHRINK); what it says is not looked into
  //   errors     malformed (no stream has that size) · io · permission
  Status keep(const ArchivedVersion& version, std::uint64_t sealed_realtime_ns, ByteView data_key, int stream_fd) const;

  bool has(const ArchivedVersion& version) const;
  std::vector<std::uint64_t> numbers_of(const std::string& name) const;  // newest first
  // Versions after this one were never accepted.
  void remove_after(const ArchivedVersion& version) const;

  // What an entry id of a list stands for, by the newest kept version that has it.
  //   errors  not_found · as find_entry, of the first version that does not open
  Result<FoundEntry> find(const std::string& name, EntryId id) const;

  // In which lines of this version the entries stood.
  //   errors  not_found (it is not kept) · as find_lines
  Result<std::vector<EntryLine>> lines_of(const ArchivedVersion& version, std::span<const EntryId> ids) const;

  // One version, unopened, for the child that makes the next one of it.
  //   errors  not_found · io · those of open_sealed_head
  Result<SealedVersion> load(const ArchivedVersion& version) const;

  // Wraps the data keys of all versions under the current archive key.
  //   errors  io
  Result<ResealCount> reseal() const;

 private:
  Archive(std::string folder, ArchiveKeys keys) : folder_(std::move(folder)), keys_(std::move(keys)) {}
  std::string folder_of(const std::string& name) const { return folder_ + "/" + name; }
  std::string path_of(const ArchivedVersion& version) const;

  std::string folder_;
  ArchiveKeys keys_;
};

}  // namespace parapet::lists
