// SPDX-License-Identifier: Apache-2.0
// Reading a snapshot into locked memory of each NUMA node and checking it there.
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/secret.h"
#include "edge/swap.h"

namespace parapet::edge {
namespace {

using counters::SnapshotRefusal;

// Prefers a node's memory for pages not touched yet. Advice only: where it fails, the copy is merely further away.
void prefer_node(MutableBytes memory, unsigned node) noexcept {
  const unsigned long mask = 1ul << (node % 64);
  static_cast<void>(::syscall(SYS_mbind, memory.data(), memory.size(), MPOL_PREFERRED, &mask, 64ul, 0u));
}

Result<MutableBytes> allocate_locked(std::size_t size, unsigned node) {
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return fail_errno("taking memory for the snapshot");
  const MutableBytes memory(static_cast<std::uint8_t*>(mapped), size);
  ::madvise(mapped, size, MADV_DONTDUMP);
  prefer_node(memory, node);
  if (::mlock(mapped, size) != 0) {
    auto error = fail_errno("locking memory for the snapshot");
    ::munmap(mapped, size);
    return error;
  }
  return memory;
}

Status read_all(int fd, MutableBytes into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t n = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("reading the snapshot");
    if (n == 0) return fail(ErrorCode::io, "the snapshot became shorter while it was read");
    done += static_cast<std::size_t>(n);
  }
  return {};
}

SnapshotRefusal refusal_of(const Error& error, ByteView bytes, const digest::Key& key) noexcept {
  switch (error.code) {
    case ErrorCode::unsupported: return SnapshotRefusal::version;
    case ErrorCode::integrity: {
      const auto id = digest::key_id(key);
      const bool same_key = bytes.size() >= sizeof(snapshot::Header) &&
                            std::memcmp(bytes.data() + offsetof(snapshot::Header, key_id), id.data(), id.size()) == 0;
      return same_key ? SnapshotRefusal::checksum : SnapshotRefusal::key;
    }
    default: return SnapshotRefusal::malformed;
  }
}

}  // namespace

Result<std::unique_ptr<LoadedSnapshot>> LoadedSnapshot::load(const std::string& path, const digest::Key& key,
                                                             std::span<const unsigned> nodes, const Clock& clock,
                                                             SnapshotRefusal& refusal) {
  refusal = SnapshotRefusal::unreadable;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid()) {
    auto error = fail_errno("opening " + path);
    if (errno == ENOENT) error.error().code = ErrorCode::not_found;
    return error;
  }
  struct stat about{};
  if (::fstat(fd.get(), &about) != 0) return fail_errno("looking at " + path);
  if (!S_ISREG(about.st_mode)) return fail(ErrorCode::io, path + " is no regular file");
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size < sizeof(snapshot::Header)) {
    refusal = SnapshotRefusal::malformed;
    return fail(ErrorCode::malformed, path + " is shorter than a snapshot's header");
  }
  std::unique_ptr<LoadedSnapshot> loaded(new LoadedSnapshot);
  for (const unsigned node : nodes) {
    auto memory = allocate_locked(size, node);
    if (!memory) return std::unexpected(memory.error());
    loaded->copies_.push_back({node, *memory, nullptr});
    Copy& copy = loaded->copies_.back();
    if (loaded->copies_.size() == 1) {
      if (auto status = read_all(fd.get(), copy.memory); !status) return std::unexpected(status.error().within(path));
    } else {
      std::memcpy(copy.memory.data(), loaded->copies_.front().memory.data(), size);
    }
    auto view = snapshot::Snapshot::open(copy.memory, key);
    if (!view) {
      refusal = refusal_of(view.error(), copy.memory, key);
      return std::unexpected(view.error().within(path));
    }
    copy.view = std::make_unique<const snapshot::Snapshot>(std::move(*view));
  }
  const auto here = snapshot::Moment::now(clock);
  const auto created = loaded->any().created();
  const Nanoseconds now = snapshot::time_at_load(created, here);
  loaded->clock_believed_ = snapshot::is_same_boot(created, here) || snapshot::nearly_agree(now, here.realtime_ns);
  loaded->boot_realtime_ns_ = now - here.boottime_ns;
  loaded->follow_clock(clock);
  refusal = SnapshotRefusal::none;
  return loaded;
}

void LoadedSnapshot::follow_clock(const Clock& clock) noexcept {
  ahead_ns_.store(boot_realtime_ns_ + clock.boottime_ns() - clock.monotonic_ns(), std::memory_order_relaxed);
}

LoadedSnapshot::~LoadedSnapshot() {
  for (Copy& copy : copies_) {
    wipe(copy.memory);
    ::munmap(copy.memory.data(), copy.memory.size());
  }
}

const snapshot::Snapshot& LoadedSnapshot::on_node(unsigned node) const noexcept {
  for (const Copy& copy : copies_) {
    if (copy.node == node) return *copy.view;
  }
  return *copies_.front().view;
}

}  // namespace parapet::edge
