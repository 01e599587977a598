// SPDX-License-Identifier: Apache-2.0
// Whole-file reading and atomic replacement.
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <utility>

namespace parapet {
namespace {

Status write_all(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return fail_errno("writing " + path);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return fail_errno("syncing folder " + folder);
  return {};
}

Status write_new(const std::string& path, std::span<const ByteView> pieces, unsigned mode) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd.valid()) return fail_errno("creating " + path);
  if (::fchmod(fd.get(), mode) != 0) return fail_errno("setting the mode of " + path);
  for (const auto piece : pieces) {
    if (auto status = write_all(fd.get(), piece, path); !status) return status;
  }
  if (::fsync(fd.get()) != 0) return fail_errno("syncing " + path);
  return {};
}

// write(TEMPORARY) makes the file that then takes the place of the one at path.
template <typename Write>
Status replace_by(const std::string& path, Write write) {
  const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
  ::unlink(temporary.c_str());
  if (auto status = write(temporary); !status) {
    ::unlink(temporary.c_str());
    return status;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = fail_errno("renaming " + temporary + " to " + path);
    ::unlink(temporary.c_str());
    return error;
  }
  return sync_folder_of(path);
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::size_t limit) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("opening " + path);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid_argument, path + " is not a regular file");
  if (static_cast<std::uint64_t>(status.st_size) > limit) {
    return fail(ErrorCode::limit, path + " has " + std::to_string(status.st_size) + " bytes; at most " +
                                      std::to_string(limit) + " are read");
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading " + path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Status replace_file(const std::string& path, ByteView bytes, unsigned mode,
                    const std::function<Status(ByteView)>& check) {
  return replace_by(path, [&](const std::string& temporary) -> Status {
    if (auto status = write_new(temporary, {&bytes, 1}, mode); !status || !check) return status;
    auto read_back = read_file(temporary, bytes.size());
    if (!read_back) return std::unexpected(read_back.error());
    return check(*read_back);
  });
}

Status replace_file(const std::string& path, std::span<const ByteView> pieces, unsigned mode) {
  return replace_by(path, [&](const std::string& temporary) { return write_new(temporary, pieces, mode); });
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

int Fd::release() noexcept { return std::exchange(fd_, -1); }

}  // namespace parapet
