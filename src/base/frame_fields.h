// SPDX-License-Identifier: Apache-2.0
// Frames, as parapetd and its children say them to each other and as small state is kept: a magic of four bytes, then
// fields of be32 length and bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parapet {

inline constexpr std::size_t kMaxErrorContext = 1024;

class FrameWriter {
 public:
  explicit FrameWriter(std::string_view magic) : bytes(magic.begin(), magic.end()) {}
  void byte(std::uint8_t value) { bytes.push_back(value); }
  void field(ByteView value);
  void text(std::string_view value) { field(bytes_of(value)); }
  void number(std::uint64_t value) { text(std::to_string(value)); }

  std::vector<std::uint8_t> bytes;
};

// Believes nothing; complete() tells at the end whether all of it was there and nothing else.
class FrameReader {
 public:
  explicit FrameReader(ByteView bytes) : reader_(bytes) {}
  void magic(std::string_view magic) { wrong_ |= text_of(reader_.take(magic.size())) != magic; }
  std::uint8_t byte() { return reader_.u8(); }
  ByteView field() { return reader_.take(reader_.be32()); }
  std::string text() { return std::string(text_of(field())); }
  std::uint64_t number(std::uint64_t max);
  template <typename Enum>
  Enum choice(Enum last) {
    return static_cast<Enum>(number(static_cast<std::uint64_t>(last)));
  }
  bool boolean() { return number(1) == 1; }
  void reject() { wrong_ = true; }  // a field was read that cannot be
  bool complete() const { return reader_.ok() && reader_.remaining() == 0 && !wrong_; }

 private:
  ByteReader reader_;
  bool wrong_ = false;
};

// What a header value of HTTP or an error's text may hold: printable ASCII alone.
bool is_visible(std::string_view text);

// An error as a field: its code's name, a line feed, its context (visible ASCII, at most kMaxErrorContext).
std::string format_error_field(const Error& error);
Error parse_error_field(std::string_view text);  // malformed, where the field cannot be read

}  // namespace parapet
