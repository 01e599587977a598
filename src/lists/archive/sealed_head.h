// SPDX-License-Identifier: Apache-2.0
// The head of an archived version: which list and version it is, and its data key, wrapped under the archive key.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "lists/archive/archive_key.h"
#include "lists/archive/format.h"

namespace parapet::lists {

// One version of one list, as the head authenticates it.
struct ArchivedVersion {
  std::string name;          // of the list, 1..32 bytes
  std::uint64_t number = 0;  // its sequence (DigestedList)
};

// Each call wraps under a nonce of its own.
//   REQUIRES  data_key of kDataKeySize bytes
SealedHead make_sealed_head(const ArchivedVersion& version, std::uint64_t sealed_realtime_ns, const ArchiveKey& key,
                            ByteView data_key);

// The head of a file as it stands there, before any key is asked.
//   errors  malformed (no archive, cut short) · unsupported (version of the format)
Result<SealedHead> read_sealed_head(ByteView file);

// The data key of the version that this file must be.
//   errors  as read_sealed_head · integrity (another list or version, an unknown key, a changed head)
Result<SecretMemory> open_sealed_head(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys);

// The same head with its data key under keys.current.
//   errors  as open_sealed_head
Result<SealedHead> rewrap_sealed_head(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys);

}  // namespace parapet::lists
