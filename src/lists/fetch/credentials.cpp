// SPDX-License-Identifier: Apache-2.0
// Credentials of a source, from a file of the operator's.
#include <unistd.h>
#include <algorithm>

#include "base/secret.h"
#include "base/secret_file.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kMaxCredentials = 4096;

}  // namespace

Status check_secret_file(const std::string& path, std::string_view what) {
  const auto file = open_secret_file(path, what);
  return file ? Status{} : std::unexpected(file.error());
}

Result<std::string> read_credentials(const std::string& path, Authorization authorization) {
  const auto file = open_secret_file(path, "credentials");
  if (!file) return std::unexpected(file.error());
  if (file->size == 0 || file->size > kMaxCredentials) {
    return fail(ErrorCode::malformed, "credentials " + path + " must have 1..4096 bytes");
  }
  std::string secret(static_cast<std::size_t>(file->size), '\0');
  const ssize_t got = ::read(file->fd.get(), secret.data(), secret.size());
  if (got != static_cast<ssize_t>(secret.size()))
    return fail(ErrorCode::io, "credentials " + path + " could not be read whole");
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  const bool clean =
      std::ranges::all_of(secret, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  if (secret.empty() || !clean) {
    wipe(secret.data(), secret.size());
    return fail(ErrorCode::malformed, "credentials " + path + " must be one line");
  }
  if (authorization == Authorization::basic && !secret.contains(':')) {
    wipe(secret.data(), secret.size());
    return fail(ErrorCode::malformed, "credentials " + path + " must be user:password");
  }
  return secret;
}

}  // namespace parapet::lists
