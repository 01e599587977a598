// SPDX-License-Identifier: Apache-2.0
// operator new and delete of the test program and libcrypto's malloc, counting. The product's code has no part in it.
#include "counting_allocator.h"

#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> count{0};

void* take(std::size_t size) {
  ++count;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void* take_aligned(std::size_t size, std::align_val_t align) {
  ++count;
  const auto alignment = static_cast<std::size_t>(align);
  if (void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)) return p;
  throw std::bad_alloc();
}

std::atomic<std::uint64_t> libcrypto_count{0};
void* crypto_malloc(std::size_t size, const char*, int) {
  ++libcrypto_count;
  return std::malloc(size);
}
void* crypto_realloc(void* p, std::size_t size, const char*, int) {
  ++libcrypto_count;
  return std::realloc(p, size);
}
void crypto_free(void* p, const char*, int) { std::free(p); }
// It is taken only before libcrypto's first use.
[[maybe_unused]] const int installed = CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);

}  // namespace

std::uint64_t parapet::support::allocations() noexcept { return count; }
std::uint64_t parapet::support::libcrypto_allocations() noexcept { return libcrypto_count; }

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void* operator new(std::size_t size, std::align_val_t align) { return take_aligned(size, align); }
void* operator new[](std::size_t size, std::align_val_t align) { return take_aligned(size, align); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
