// SPDX-License-Identifier: Apache-2.0
// Armour of ASCII.
#include "lists/verify/openpgp_key.h"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace parapet::lists {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kEnd = "-----END PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kSecret = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
constexpr int kPublicKeyTag = 6;
constexpr int kSecretKeyTag = 5;

std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (line.ends_with('\r') || line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return line;
}

// The tag of the packet that begins with this byte; -1: none does. RFC 4880 §4.2
int tag_of(std::uint8_t first) {
  if ((first & 0x80) == 0) return -1;
  return (first & 0x40) != 0 ? first & 0x3f : (first & 0x3c) >> 2;
}

std::optional<std::vector<std::uint8_t>> decode(std::string_view base64) {
  std::vector<std::uint8_t> bytes(base64.size());
  std::size_t size = 0;
  if (::sodium_base642bin(bytes.data(), bytes.size(), base64.data(), base64.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

// Its checksum guards against noise on a line, not against people, and is left alone (RFC 9580 §6.1).
std::optional<std::vector<std::uint8_t>> take_off_armour(std::string_view text) {
  if (take_line(text) != kBegin) return std::nullopt;
  while (!text.empty() && !take_line(text).empty()) {  // headers, up to an empty line
  }
  std::string base64;
  for (bool ended = false; !ended;) {
    if (text.empty()) return std::nullopt;
    const auto line = take_line(text);
    ended = line == kEnd;
    if (!ended && !line.starts_with('=')) base64 += line;
  }
  while (!text.empty()) {
    if (!take_line(text).empty()) return std::nullopt;
  }
  return decode(base64);
}

}  // namespace

Result<std::vector<std::uint8_t>> parse_openpgp_key(ByteView file) {
  if (file.size() > kMaxOpenPgpKeyFile) return fail(ErrorCode::limit, "longer than 16384 bytes");
  const auto text = text_of(file);
  if (text.starts_with(kSecret)) return fail(ErrorCode::refused, "a secret key, which belongs to its signer alone");
  // libsodium 1.0.18 takes some bytes from 0x80 on for characters of base64
  const bool is_ascii = std::ranges::all_of(file, [](std::uint8_t byte) { return byte < 0x80; });
  std::optional<std::vector<std::uint8_t>> key(std::in_place, file.begin(), file.end());
  if (is_ascii) key = take_off_armour(text);
  const int tag = key && !key->empty() ? tag_of(key->front()) : -1;
  if (tag == kSecretKeyTag) return fail(ErrorCode::refused, "a secret key, which belongs to its signer alone");
  if (tag != kPublicKeyTag) return fail(ErrorCode::malformed, "no OpenPGP public key");
  return std::move(*key);
}

}  // namespace parapet::lists
