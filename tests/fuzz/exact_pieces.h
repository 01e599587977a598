// SPDX-License-Identifier: Apache-2.0
// A stream's pieces one after another in the same memory, each with nothing readable before or behind it: to
// AddressSanitizer as if each had an allocation of its own, without the cost of one.
#pragma once

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace parapet::fuzz {

class ExactPieces {
 public:
  explicit ExactPieces(std::size_t longest) : size_(longest), memory_(new std::uint8_t[longest]) {}
  ~ExactPieces() { ASAN_UNPOISON_MEMORY_REGION(memory_.get(), size_); }
  ExactPieces(const ExactPieces&) = delete;
  ExactPieces& operator=(const ExactPieces&) = delete;

  // The next `length` bytes of the stream, or all that are left; the stream loses them. Valid until the next call.
  ByteView take(ByteView& stream, std::size_t length) {
    const ByteView piece = stream.first(std::min({length, stream.size(), size_}));
    stream = stream.subspan(piece.size());
    ASAN_UNPOISON_MEMORY_REGION(memory_.get(), piece.size());
    std::copy(piece.begin(), piece.end(), memory_.get());
    ASAN_POISON_MEMORY_REGION(memory_.get() + piece.size(), size_ - piece.size());
    return {memory_.get(), piece.size()};
  }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> memory_;
};

}  // namespace parapet::fuzz
