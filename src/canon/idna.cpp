// SPDX-License-Identifier: Apache-2.0
// UTS 46 by ICU.
#include "canon/idna.h"

#include <unicode/uidna.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace parapet::canon {
namespace {

// These do not matter here: labels are judged as host.cpp judges every host.
constexpr std::uint32_t kNotJudged = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
                                     UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
                                     UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
constexpr std::size_t kMaxName = 4096;  // UTF-8 bytes; far more than the 253 that may come out

// What UTS 46 maps since revision 31 (Unicode 15.1) or 33 (16.0) and ICU 72 (15.0) does not yet. Browsers do.
struct Mapped {
  UChar32 first, last;
  UChar32 to;  // of the first; 0: the character is ignored
};
constexpr std::array kMappedSince{
    Mapped{0x04c0, 0x04c0, 0x04cf},  // Cyrillic palochka
    Mapped{0x115f, 0x1160, 0},       // Hangul fillers
    Mapped{0x10a0, 0x10c5, 0x2d00},  // Georgian capitals
    Mapped{0x10c7, 0x10c7, 0x2d27},   Mapped{0x10cd, 0x10cd, 0x2d2d},
    Mapped{0x17b4, 0x17b5, 0},       // Khmer inherent vowels
    Mapped{0x1e9e, 0x1e9e, 0x00df},  // capital sharp s
    Mapped{0x2132, 0x2132, 0x214e},   Mapped{0x2183, 0x2183, 0x2184},
    Mapped{0x3164, 0x3164, 0},        Mapped{0xffa0, 0xffa0, 0},
    Mapped{0x1d173, 0x1d17a, 0},       // musical format controls
    Mapped{0x2f868, 0x2f868, 0x36fc},  // corrected decompositions of CJK compatibility ideographs
    Mapped{0x2f874, 0x2f874, 0x5f33}, Mapped{0x2f91f, 0x2f91f, 0x243ab},
    Mapped{0x2f95f, 0x2f95f, 0x7aee}, Mapped{0x2f9bf, 0x2f9bf, 0x45d7},
};

struct Closer {
  void operator()(UIDNA* idna) const noexcept { ::uidna_close(idna); }
};
using Idna = std::unique_ptr<UIDNA, Closer>;

Idna open_idna() {
  UErrorCode error = U_ZERO_ERROR;
  Idna idna(::uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &error));
  if (U_FAILURE(error)) idna.reset();
  return idna;
}

// UTF-16 with today's mappings done; bytes that are no UTF-8 become U+FFFD, which no name may hold.
std::u16string to_mapped_utf16(std::string_view name) {
  std::u16string mapped;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.data());
  for (std::size_t at = 0; at < name.size();) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, name.size(), c);
    const auto* rule = std::ranges::find_if(kMappedSince, [c](const Mapped& m) { return c >= m.first && c <= m.last; });
    if (rule != kMappedSince.end()) {
      if (rule->to == 0) continue;
      c = rule->to + (c - rule->first);
    }
    if (U_IS_BMP(c)) {
      mapped += static_cast<char16_t>(c);
    } else {
      mapped += static_cast<char16_t>(U16_LEAD(c));
      mapped += static_cast<char16_t>(U16_TRAIL(c));
    }
  }
  return mapped;
}

}  // namespace

Result<std::string> domain_to_ascii(std::string_view name) {
  if (std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return std::string(name);
  if (name.size() > kMaxName) return fail(ErrorCode::malformed, "host is no IDN: too long");
  static const Idna idna = open_idna();  // constant after it was made, says ICU
  if (!idna) return fail(ErrorCode::unavailable, "ICU has no UTS 46");
  const std::u16string mapped = to_mapped_utf16(name);
  std::vector<UChar> ascii(mapped.size() * 8 + 64);
  UIDNAInfo found = UIDNA_INFO_INITIALIZER;
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t length =
      ::uidna_nameToASCII(idna.get(), mapped.data(), static_cast<std::int32_t>(mapped.size()), ascii.data(),
                          static_cast<std::int32_t>(ascii.size()), &found, &error);
  if (U_FAILURE(error) || (found.errors & ~kNotJudged) != 0) {
    return fail(ErrorCode::malformed, "host is no IDN by UTS 46");
  }
  std::string result;
  for (std::int32_t i = 0; i < length; ++i) {
    if (ascii[static_cast<std::size_t>(i)] >= 0x80) return fail(ErrorCode::malformed, "host is no IDN by UTS 46");
    result += static_cast<char>(ascii[static_cast<std::size_t>(i)]);
  }
  return result;
}

}  // namespace parapet::canon
