// SPDX-License-Identifier: Apache-2.0
// An array whose memory is taken once, zeroed and aligned to a cache line; it never grows.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace parapet::packet {

// Its bytes are wiped when it goes.
template <typename T>
class FixedArray {
 public:
  FixedArray() = default;

  //   errors  limit (the memory is not there; `what` names the table)
  static Result<FixedArray> create(std::size_t count, const char* what) {
    FixedArray array;
    array.size_ = count;
    const std::size_t bytes = (count * sizeof(T) + 63) / 64 * 64;
    void* memory = std::aligned_alloc(64, bytes);
    if (memory == nullptr) return fail(ErrorCode::limit, std::string("no memory for ") + what);
    std::memset(memory, 0, bytes);
    array.memory_.reset(memory);
    T* first = static_cast<T*>(memory);
    std::uninitialized_default_construct_n(first, count);
    array.memory_.get_deleter().size = bytes;
    return array;
  }

  T& operator[](std::size_t i) noexcept { return begin()[i]; }
  const T& operator[](std::size_t i) const noexcept { return begin()[i]; }
  std::size_t size() const noexcept { return size_; }
  T* begin() noexcept { return static_cast<T*>(memory_.get()); }
  const T* begin() const noexcept { return static_cast<const T*>(memory_.get()); }
  ByteView bytes() const noexcept { return {static_cast<const std::uint8_t*>(memory_.get()), size_ * sizeof(T)}; }

 private:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T> && alignof(T) <= 64);
  struct Release {
    std::size_t size = 0;
    void operator()(void* memory) const noexcept {
      wipe(memory, size);
      std::free(memory);
    }
  };
  std::unique_ptr<void, Release> memory_;
  std::size_t size_ = 0;
};

}  // namespace parapet::packet
