// SPDX-License-Identifier: Apache-2.0
// Key files.
#include "base/secret_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace parapet {

Result<SecretFile> open_secret_file(const std::string& path, std::string_view what) {
  const std::string named = std::string(what) + " " + path;
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("opening " + named);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + named);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::malformed, named + " is not a regular file");
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission, named + " can be read by others than its owner; chmod 0600 it");
  }
  return SecretFile{std::move(fd), static_cast<std::uint64_t>(status.st_size)};
}

Result<SecretMemory> load_secret_file(const std::string& path, std::size_t size, std::string_view what) {
  const std::string named = std::string(what) + " " + path;
  const auto file = open_secret_file(path, what);
  if (!file) return std::unexpected(file.error());
  auto memory = SecretMemory::allocate(size);
  if (!memory) return memory;
  if (file->size != size || ::read(file->fd.get(), memory->bytes().data(), size) != static_cast<ssize_t>(size)) {
    return fail(ErrorCode::malformed, named + " must have exactly " + std::to_string(size) + " bytes");
  }
  if (std::ranges::all_of(memory->bytes(), [](std::uint8_t byte) { return byte == 0; })) {
    return fail(ErrorCode::malformed, named + " is all zeros");
  }
  return memory;
}

Result<SecretMemory> load_or_create_secret_file(const std::string& path, std::size_t size, std::string_view what) {
  auto loaded = load_secret_file(path, size, what);
  if (loaded || loaded.error().code != ErrorCode::not_found) return loaded;
  auto fresh = random_secret(size);
  if (!fresh) return fresh;
  if (auto written = replace_file(path, fresh->bytes(), 0600); !written) {
    return std::unexpected(written.error().within("making the " + std::string(what)));
  }
  return fresh;
}

Result<SecretMemory> random_secret(std::size_t size) {
  auto memory = SecretMemory::allocate(size);
  if (!memory) return memory;
  for (std::size_t filled = 0; filled < size;) {
    const ssize_t got = ::getrandom(memory->bytes().data() + filled, size - filled, 0);
    if (got < 0 && errno != EINTR) return fail_errno("getting random bytes");
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return memory;
}

}  // namespace parapet
