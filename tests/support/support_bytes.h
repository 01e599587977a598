// SPDX-License-Identifier: Apache-2.0
// Growing byte strings for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace parapet::support {

using Bytes = std::vector<std::uint8_t>;

inline Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }
inline std::string to_text(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
inline void append(Bytes& to, std::string_view text) { append(to, bytes_of(text)); }
inline void append_be16(Bytes& to, std::size_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace parapet::support
