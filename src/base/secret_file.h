// SPDX-License-Identifier: Apache-2.0
// Secrets in files that only their owner can read, and random ones.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "base/secret.h"

namespace parapet {

struct SecretFile {
  Fd fd;
  std::uint64_t size = 0;  // bytes
};

// Opens a regular file that only its owner can read (mode & 077 == 0), or a systemd credential.
//   what    in errors: "digest key"
//   errors  not_found · permission (readable by others) · malformed (no regular file) · io
Result<SecretFile> open_secret_file(const std::string& path, std::string_view what);

// Reads exactly `size` bytes from such a file.
//   errors  not_found · permission (readable by others) · malformed (other size, or all zero) · io
Result<SecretMemory> load_secret_file(const std::string& path, std::size_t size, std::string_view what);

// As load_secret_file; where there is no file, random bytes are written to it first, mode 0600.
Result<SecretMemory> load_or_create_secret_file(const std::string& path, std::size_t size, std::string_view what);

//   errors  io
Result<SecretMemory> random_secret(std::size_t size);

}  // namespace parapet
