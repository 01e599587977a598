// SPDX-License-Identifier: Apache-2.0
// Reading dropped files.
#include "lists/fetch/dropped_file.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/clock.h"

namespace parapet::lists {
namespace {

Result<Fd> open_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!fd.valid() && errno == ELOOP) return fail(ErrorCode::refused, path + " is a symbolic link");
  if (!fd.valid()) return fail_errno("opening " + path);
  return fd;
}

// What a file is known by.
struct Mark {
  std::uint64_t inode = 0;
  std::uint64_t modified_realtime_ns = 0;
  std::uint64_t size = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

Result<Mark> mark_of(const Fd& fd, const std::string& path) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::malformed, path + " is no regular file");
  return Mark{status.st_ino,
              static_cast<std::uint64_t>(status.st_mtim.tv_sec) * kNanosecondsPerSecond +
                  static_cast<std::uint64_t>(status.st_mtim.tv_nsec),
              static_cast<std::uint64_t>(status.st_size)};
}

std::string etag_of(const Mark& mark) {
  return '"' + std::to_string(mark.inode) + '-' + std::to_string(mark.modified_realtime_ns) + '-' +
         std::to_string(mark.size) + '"';
}

// Until it was not changed for a while.
Result<Mark> wait_settled(const Fd& fd, const std::string& path, std::uint64_t deadline_ms) {
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + deadline_ms * 1'000'000;
  for (;;) {
    auto mark = mark_of(fd, path);
    if (!mark) return mark;
    const Nanoseconds now = read_clock(CLOCK_REALTIME);
    const bool is_ahead = mark->modified_realtime_ns > now;  // copied with a time of its own: nothing to wait for
    const std::uint64_t age_ms = is_ahead ? kSettleMs : (now - mark->modified_realtime_ns) / 1'000'000;
    if (age_ms >= kSettleMs) return mark;
    const std::uint64_t left_ms = kSettleMs - age_ms;
    if (read_clock(CLOCK_MONOTONIC) + left_ms * 1'000'000 > end)
      return fail(ErrorCode::timeout, path + " keeps changing");
    std::this_thread::sleep_for(std::chrono::milliseconds(left_ms));
  }
}

// A read lease: the kernel gives none while somebody has the file open for writing, and then lets writers wait.
class Lease {
 public:
  static Result<Lease> take(const Fd& fd, const std::string& path) {
    ::signal(SIGIO, SIG_IGN);  // how the kernel tells that somebody waits
    if (::fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0) return Lease(fd.get());
    if (errno == EAGAIN) return fail(ErrorCode::unavailable, path + " is open for writing");
    if (errno == EACCES) {
      return fail(ErrorCode::permission, "nobody can tell whether " + path +
                                             " is still written: give it to parapetd's user, or parapetd CAP_LEASE");
    }
    return fail(ErrorCode::unsupported, "the file system of " + path + " has no leases");
  }
  Lease(Lease&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (fd_ >= 0) ::fcntl(fd_, F_SETLEASE, F_UNLCK);
  }

 private:
  explicit Lease(int fd) noexcept : fd_(fd) {}
  int fd_;
};

Result<std::vector<std::uint8_t>> read_whole(const Fd& fd, const std::string& path, std::uint64_t size) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  for (std::size_t filled = 0; filled < bytes.size();) {
    const ssize_t got = ::read(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading " + path);
    if (got == 0) return fail(ErrorCode::unavailable, path + " became shorter while it was read");
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

Result<FetchOutcome> fetch_dropped(const FetchRequest& request) {
  auto fd = open_file(request.path);
  if (!fd) return std::unexpected(fd.error());
  auto mark = wait_settled(*fd, request.path, request.deadline_ms);
  if (!mark) return std::unexpected(mark.error());
  if (etag_of(*mark) == request.etag) return NotModified{};
  if (mark->size > request.max_size_bytes) {
    return fail(ErrorCode::limit, "the list has more than max_size_bytes = " + std::to_string(request.max_size_bytes));
  }
  auto lease = Lease::take(*fd, request.path);
  if (!lease) return std::unexpected(lease.error());
  auto bytes = read_whole(*fd, request.path, mark->size);
  if (!bytes) return std::unexpected(bytes.error());
  const auto after = mark_of(*fd, request.path);
  if (!after || *after != *mark) return fail(ErrorCode::unavailable, request.path + " changed while it was read");
  RawFeed feed{std::move(*bytes), {}};
  feed.head.etag = etag_of(*mark);
  feed.head.last_modified_realtime_ns = mark->modified_realtime_ns;
  feed.head.declared_size = static_cast<std::int64_t>(mark->size);
  feed.head.end_is_marked = true;
  if (!request.signature_path.empty()) {
    auto signature = read_file(request.signature_path, kMaxSignature);
    if (!signature) return std::unexpected(signature.error().within("the signature"));
    feed.head.signature = text_of(*signature);
  }
  return feed;
}

Result<DropWatch> DropWatch::open(const std::string& path) {
  const auto slash = path.rfind('/');
  Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd.valid()) return fail_errno("making an inotify descriptor");
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  if (::inotify_add_watch(fd.get(), folder.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
    return fail_errno("watching folder " + folder);
  }
  return DropWatch(std::move(fd), path.substr(slash + 1));
}

bool DropWatch::take_events() const {
  alignas(inotify_event) std::array<char, 16384> buffer;
  bool any = false;
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got <= 0) return any;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string_view name(buffer.data() + at + sizeof event, event.len);
      any |= (event.mask & IN_Q_OVERFLOW) != 0 || name.substr(0, name.find('\0')).starts_with(name_);
      at += sizeof event + event.len;
    }
  }
}

}  // namespace parapet::lists
