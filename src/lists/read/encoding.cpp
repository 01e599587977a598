// SPDX-License-Identifier: Apache-2.0
// UTF-16 (RFC 2781) and windows-1252 (WHATWG Encoding §9) to UTF-8.
#include "lists/read/encoding.h"

#include <algorithm>
#include <array>

namespace parapet::lists {
namespace {

using config::TextEncoding;

constexpr std::array<std::uint8_t, 3> kMarkUtf8{0xef, 0xbb, 0xbf};
constexpr std::array<std::uint8_t, 2> kMarkLittle{0xff, 0xfe}, kMarkBig{0xfe, 0xff};

// 0x80..0x9f; 0: not there.
constexpr std::array<char16_t, 32> kWindows1252{0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                                0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

bool starts_with(ByteView in, ByteView mark) {
  return in.size() >= mark.size() && std::ranges::equal(in.first(mark.size()), mark);
}

void append(std::vector<std::uint8_t>& out, char32_t c) {
  const auto tail = [&](unsigned shift) { out.push_back(static_cast<std::uint8_t>(0x80 | ((c >> shift) & 0x3f))); };
  if (c < 0x80) {
    out.push_back(static_cast<std::uint8_t>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<std::uint8_t>(0xc0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    out.push_back(static_cast<std::uint8_t>(0xe0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<std::uint8_t>(0xf0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

Status append_utf16(ByteView in, bool is_big, std::vector<std::uint8_t>& out) {
  if (in.size() % 2 != 0) return fail(ErrorCode::malformed, "UTF-16 with an odd byte at its end");
  const auto unit = [&](std::size_t at) -> char32_t {
    return is_big ? load_be16(&in[at]) : static_cast<char32_t>(in[at] | in[at + 1] << 8);
  };
  for (std::size_t at = 0; at < in.size(); at += 2) {
    char32_t c = unit(at);
    if (c >= 0xd800 && c <= 0xdfff) {
      const char32_t low = c <= 0xdbff && at + 2 < in.size() ? unit(at + 2) : 0;
      if (low < 0xdc00 || low > 0xdfff) {
        return fail(ErrorCode::malformed, "byte " + std::to_string(at + 1) + ": half a surrogate pair");
      }
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
      at += 2;
    }
    append(out, c);
  }
  return {};
}

Status append_windows_1252(ByteView in, std::vector<std::uint8_t>& out) {
  for (std::size_t at = 0; at < in.size(); ++at) {
    const char32_t c = in[at] >= 0x80 && in[at] < 0xa0 ? kWindows1252[in[at] - 0x80U] : in[at];
    if (c == 0 && in[at] != 0) {
      return fail(ErrorCode::malformed, "byte " + std::to_string(at + 1) + ": no character of windows-1252");
    }
    append(out, c);
  }
  return {};
}

}  // namespace

Result<ByteView> to_utf8(ByteView in, TextEncoding encoding, std::vector<std::uint8_t>& storage) {
  if (starts_with(in, kMarkUtf8)) {
    encoding = TextEncoding::utf8;
    in = in.subspan(kMarkUtf8.size());
  } else if (starts_with(in, kMarkLittle) || starts_with(in, kMarkBig)) {
    encoding = starts_with(in, kMarkBig) ? TextEncoding::utf16be : TextEncoding::utf16le;
    in = in.subspan(kMarkBig.size());
  }
  if (encoding == TextEncoding::utf8) return in;
  storage.clear();
  storage.reserve(in.size() + in.size() / 2);
  const Status status = encoding == TextEncoding::windows1252
                            ? append_windows_1252(in, storage)
                            : append_utf16(in, encoding == TextEncoding::utf16be, storage);
  if (!status) return std::unexpected(status.error());
  return ByteView(storage);
}

}  // namespace parapet::lists
