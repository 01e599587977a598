// SPDX-License-Identifier: Apache-2.0
// Anonymous memory, written once and then sealed.
#include "lists/update/feed_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace parapet::lists {

Result<FeedMemory> FeedMemory::create() {
  Fd fd(::memfd_create("parapet-feed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return fail_errno("making memory for a feed");
  return FeedMemory(std::move(fd));
}

Status FeedMemory::seal() const {
  if (::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return fail_errno("sealing a feed's memory");
  }
  return {};
}

Status write_feed(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("writing to a feed's memory");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::uint64_t> feed_size(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno("reading a feed's memory");
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::vector<std::uint8_t>> read_feed_bytes(int fd, std::uint64_t max_size_bytes) {
  const auto size = feed_size(fd);
  if (!size) return std::unexpected(size.error());
  if (*size > max_size_bytes) {
    return fail(ErrorCode::limit, "the list has more than max_size_bytes = " + std::to_string(max_size_bytes));
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(*size));
  for (std::size_t filled = 0; filled < bytes.size();) {
    const ssize_t got = ::pread(fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail_errno("reading a feed's memory");
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace parapet::lists
