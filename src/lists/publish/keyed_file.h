// SPDX-License-Identifier: Apache-2.0
// Small state of parapetd in a file that nobody can change unseen: a checksum under the digest key, then the bytes.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "digest/key.h"

namespace parapet::lists {

// Mode 0600, by base/file.h's replace_file.
Status write_keyed_file(const std::string& path, ByteView bytes, const digest::Key& key);

//   errors  not_found · io · limit · integrity (changed, cut off, or of another key)
Result<std::vector<std::uint8_t>> read_keyed_file(const std::string& path, std::size_t limit, const digest::Key& key);

// The same of a file that need not be there: then nothing, which no frame is.
Result<std::vector<std::uint8_t>> read_keyed_file_if_any(const std::string& path, std::size_t limit,
                                                         const digest::Key& key);

// Removes it; one that is not there is fine.
Status remove_file(const std::string& path);

}  // namespace parapet::lists
