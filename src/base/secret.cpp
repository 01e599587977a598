// SPDX-License-Identifier: Apache-2.0
// Wiping, core dumps and private memory.
#include "base/secret.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cstring>
#include <utility>

namespace parapet {

void wipe(void* data, std::size_t size) noexcept {
  if (size != 0) ::explicit_bzero(data, size);
}

Status deny_core_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return fail_errno("setting RLIMIT_CORE to 0");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("prctl PR_SET_DUMPABLE 0");
  return {};
}

Result<SecretMemory> SecretMemory::allocate(std::size_t size) {
  const int fd = static_cast<int>(::syscall(SYS_memfd_secret, 0));
  if (fd >= 0) {
    void* mapped = MAP_FAILED;
    if (::ftruncate(fd, static_cast<off_t>(size)) == 0) {
      mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    ::close(fd);
    if (mapped != MAP_FAILED) return SecretMemory(static_cast<std::uint8_t*>(mapped), size, true);
  }
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return fail_errno("mapping memory for a secret");
  // Locking may be limited for an unprivileged CLI: then the page can be swapped, which conf/ tells operators to
  // encrypt.
  static_cast<void>(::mlock(mapped, size));
  ::madvise(mapped, size, MADV_DONTDUMP);
  return SecretMemory(static_cast<std::uint8_t*>(mapped), size, false);
}

SecretMemory::SecretMemory(SecretMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      from_memfd_secret_(other.from_memfd_secret_) {}

SecretMemory& SecretMemory::operator=(SecretMemory&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    from_memfd_secret_ = other.from_memfd_secret_;
  }
  return *this;
}

SecretMemory::~SecretMemory() { release(); }

void SecretMemory::release() noexcept {
  if (data_ == nullptr) return;
  wipe(data_, size_);
  ::munmap(data_, size_);
  data_ = nullptr;
}

}  // namespace parapet
