// SPDX-License-Identifier: Apache-2.0
// Making the counter file.
#include "counters/block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/boot_id.h"
#include "base/clock.h"
#include "base/file.h"

namespace parapet::counters {

Result<CounterFile> CounterFile::create(const std::string& path, std::size_t workers, std::size_t ports) {
  if (workers == 0 || workers > kMaxWorkers || ports > kMaxPorts) {
    return fail(ErrorCode::invalid_argument, "the counter file holds 1.." + std::to_string(kMaxWorkers) +
                                                 " workers and 0.." + std::to_string(kMaxPorts) + " ports");
  }
  const std::size_t size = sizeof(Header) + workers * sizeof(WorkerBlock);
  const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
  ::unlink(temporary.c_str());
  const Fd fd(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!fd.valid()) return fail_errno("creating " + temporary);
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) return fail_errno("sizing " + temporary);
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return fail_errno("mapping " + temporary);
  CounterFile file(static_cast<std::uint8_t*>(mapped), size);

  Header& header = file.header();
  header.magic = kMagic;
  header.major = kMajor;
  header.minor = kMinor;
  header.header_size = sizeof(Header);
  header.worker_block_size = sizeof(WorkerBlock);
  header.worker_count = static_cast<std::uint32_t>(workers);
  header.port_count = static_cast<std::uint32_t>(ports);
  const BootId boot = read_boot_id();
  std::memcpy(header.boot_id, boot.data(), boot.size());
  header.start_realtime_ns = read_clock(CLOCK_REALTIME);
  header.start_monotonic_ns = read_clock(CLOCK_MONOTONIC);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return fail_errno("renaming " + temporary + " to " + path);
  return file;
}

CounterFile::CounterFile(CounterFile&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), size_(other.size_) {}

CounterFile::~CounterFile() {
  if (base_ != nullptr) ::munmap(base_, size_);
}

}  // namespace parapet::counters
