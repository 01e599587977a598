// SPDX-License-Identifier: Apache-2.0
// Making the counter file.
#include "counters/block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/file.h"

namespace parapet::counters {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Reads the kernel's boot id, 36 characters of UUID text, into 16 bytes; leaves zeros where it cannot be read.
void read_boot_id(std::uint8_t (&boot_id)[16]) {
  const Fd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char text[36] = {};
  if (!fd.valid() || ::read(fd.get(), text, sizeof text) != sizeof text) return;
  std::size_t digits = 0;
  for (const char c : text) {
    const int value = hex_value(c);
    if (value < 0 || digits >= 32) continue;
    boot_id[digits / 2] = static_cast<std::uint8_t>((boot_id[digits / 2] << 4) | value);
    ++digits;
  }
}

}  // namespace

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
  read_boot_id(header.boot_id);
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
