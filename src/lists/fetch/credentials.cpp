// SPDX-License-Identifier: Apache-2.0
// Credentials of a source, from a file of the operator's.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>

#include "base/file.h"
#include "base/secret.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {
namespace {

constexpr off_t kMaxCredentials = 4096;

// `what` and the path stand in errors.
Result<off_t> size_of_secret(const Fd& fd, const std::string& what) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + what);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::malformed, what + " is not a regular file");
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission, what + " can be read by others than its owner; chmod 0600 it");
  }
  return status.st_size;
}

}  // namespace

Status check_secret_file(const std::string& path, std::string_view what) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::string named = std::string(what) + " " + path;
  if (!fd.valid()) return fail_errno("opening " + named);
  if (auto size = size_of_secret(fd, named); !size) return std::unexpected(size.error());
  return {};
}

Result<std::string> read_credentials(const std::string& path, Authorization authorization) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("opening credentials " + path);
  const auto size = size_of_secret(fd, "credentials " + path);
  if (!size) return std::unexpected(size.error());
  if (*size == 0 || *size > kMaxCredentials) {
    return fail(ErrorCode::malformed, "credentials " + path + " must have 1..4096 bytes");
  }
  std::string secret(static_cast<std::size_t>(*size), '\0');
  const ssize_t got = ::read(fd.get(), secret.data(), secret.size());
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
