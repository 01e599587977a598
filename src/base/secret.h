// SPDX-License-Identifier: Apache-2.0
// Keeping names and keys out of places where they would outlive their use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace parapet {

// Overwrites bytes with zeros; never optimised away.
void wipe(void* data, std::size_t size) noexcept;
inline void wipe(MutableBytes bytes) noexcept { wipe(bytes.data(), bytes.size()); }

// Makes this process leave no core dump and be unreadable for other processes of the same user
// (RLIMIT_CORE 0, PR_SET_DUMPABLE 0). Call first thing in main.
Status deny_core_dumps();

// Private memory for one secret: memfd_secret(2) where the kernel has it, else locked anonymous memory left out of
// core dumps. Wiped when it goes.  thread: one owner; the bytes may be read by all.
class SecretMemory {
 public:
  static Result<SecretMemory> allocate(std::size_t size);
  SecretMemory(SecretMemory&& other) noexcept;
  SecretMemory& operator=(SecretMemory&& other) noexcept;
  SecretMemory(const SecretMemory&) = delete;
  SecretMemory& operator=(const SecretMemory&) = delete;
  ~SecretMemory();

  MutableBytes bytes() noexcept { return {data_, size_}; }
  ByteView bytes() const noexcept { return {data_, size_}; }
  bool hidden_from_kernel_maps() const noexcept { return from_memfd_secret_; }

 private:
  SecretMemory(std::uint8_t* data, std::size_t size, bool from_memfd_secret) noexcept
      : data_(data), size_(size), from_memfd_secret_(from_memfd_secret) {}
  void release() noexcept;

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  bool from_memfd_secret_ = false;
};

}  // namespace parapet
