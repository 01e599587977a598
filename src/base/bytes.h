// SPDX-License-Identifier: Apache-2.0
// Views over bytes nobody trusts, and a reader that cannot leave them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace parapet {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline ByteView bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Big-endian and little-endian loads and stores at any alignment. The caller has checked the length.
inline std::uint16_t load_be16(const std::uint8_t* p) noexcept {
  return static_cast<std::uint16_t>((p[0] << 8) | p[1]);
}
inline std::uint32_t load_be24(const std::uint8_t* p) noexcept {
  return (static_cast<std::uint32_t>(p[0]) << 16) | (static_cast<std::uint32_t>(p[1]) << 8) | p[2];
}
inline std::uint32_t load_be32(const std::uint8_t* p) noexcept {
  std::uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap32(v);
}
inline std::uint64_t load_be64(const std::uint8_t* p) noexcept {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap64(v);
}
inline std::uint64_t load_le64(const std::uint8_t* p) noexcept {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store_be16(std::uint8_t* p, std::uint16_t v) noexcept {
  p[0] = static_cast<std::uint8_t>(v >> 8);
  p[1] = static_cast<std::uint8_t>(v);
}
inline void store_be32(std::uint8_t* p, std::uint32_t v) noexcept {
  v = __builtin_bswap32(v);
  std::memcpy(p, &v, sizeof v);
}

inline void store_be64(std::uint8_t* p, std::uint64_t v) noexcept {
  v = __builtin_bswap64(v);
  std::memcpy(p, &v, sizeof v);
}

// Reads forward through untrusted bytes. Reading past the end yields zeros, leaves the position at the end and makes
// ok() false for good, so a parser may read a whole header and ask once.
//   cost  no allocation;  thread: any, one owner
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) noexcept : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  std::size_t position() const noexcept { return position_; }
  std::size_t remaining() const noexcept { return bytes_.size() - position_; }
  ByteView rest() const noexcept { return bytes_.subspan(position_); }

  std::uint8_t u8() noexcept {
    const std::uint8_t* p = need(1);
    return p != nullptr ? *p : std::uint8_t{0};
  }
  std::uint16_t be16() noexcept {
    const std::uint8_t* p = need(2);
    return p != nullptr ? load_be16(p) : std::uint16_t{0};
  }
  std::uint32_t be24() noexcept {
    const std::uint8_t* p = need(3);
    return p != nullptr ? load_be24(p) : 0;
  }
  std::uint32_t be32() noexcept {
    const std::uint8_t* p = need(4);
    return p != nullptr ? load_be32(p) : 0;
  }
  ByteView take(std::size_t count) noexcept {
    const std::uint8_t* p = need(count);
    return p != nullptr ? ByteView{p, count} : ByteView{};
  }
  void skip(std::size_t count) noexcept { static_cast<void>(need(count)); }

 private:
  const std::uint8_t* need(std::size_t count) noexcept {
    if (count > remaining()) {
      ok_ = false;
      position_ = bytes_.size();
      return nullptr;
    }
    const std::uint8_t* p = bytes_.data() + position_;
    position_ += count;
    return p;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace parapet
