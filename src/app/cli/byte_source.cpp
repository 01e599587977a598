// SPDX-License-Identifier: Apache-2.0
// Reading memory and files.
#include "app/cli/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace parapet::cli {
namespace {

constexpr std::size_t kBufferSize = 256 << 10;

}  // namespace

std::size_t MemorySource::read(MutableBytes out) {
  const std::size_t count = std::min(out.size(), rest_.size());
  if (count > 0) std::memcpy(out.data(), rest_.data(), count);
  rest_ = rest_.subspan(count);
  return count;
}

FileSource::FileSource(Fd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size), buffer_(kBufferSize) {}

Result<FileSource> FileSource::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return fail_errno("opening " + path);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + path);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::invalid_argument, path + " is not a regular file; captures are read from files alone");
  }
  return FileSource(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

bool FileSource::refill() {
  ssize_t got;
  do {
    got = ::read(fd_.get(), buffer_.data(), buffer_.size());
  } while (got < 0 && errno == EINTR);
  at_ = 0;
  filled_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  return filled_ > 0;
}

std::size_t FileSource::read(MutableBytes out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (at_ == filled_ && !refill()) break;
    const std::size_t count = std::min(out.size() - done, filled_ - at_);
    std::memcpy(out.data() + done, buffer_.data() + at_, count);
    at_ += count;
    done += count;
  }
  return done;
}

}  // namespace parapet::cli
