// SPDX-License-Identifier: Apache-2.0
// Keys and signatures as base64 (RFC 4648 §4), by libsodium.
#pragma once

#include <sodium.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace parapet::approval {

template <std::size_t size>
std::string to_base64(const std::array<unsigned char, size>& bytes) {
  std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL), '\0');
  ::sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.resize(std::strlen(text.c_str()));
  return text;
}

// False where it is no base64 of exactly so many bytes. libsodium 1.0.18 takes some bytes from 0x80 on for base64.
template <std::size_t size>
bool from_base64(std::string_view text, std::array<unsigned char, size>& bytes) {
  std::size_t got = 0;
  const bool is_ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return is_ascii &&
         ::sodium_base642bin(bytes.data(), size, text.data(), text.size(), nullptr, &got, nullptr,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
         got == size;
}

}  // namespace parapet::approval
