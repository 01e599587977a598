// SPDX-License-Identifier: Apache-2.0
// Armour of ASCII.
#include "lists/verify/openpgp_key.h"
#include "base/text_lines.h"

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
constexpr int kPublicSubkeyTag = 14;
constexpr int kSecretKeyTag = 5;
constexpr std::size_t kPublicKeyHead = 6;  // version, time of making, algorithm; RFC 4880 §5.5.2
constexpr std::uint8_t kLastRsa = 3;       // §9.1: 1, 2 and 3 are RSA

// Armour may have blanks at the ends of its lines.
std::string_view take_armour_line(std::string_view& rest) {
  const auto line = take_line(rest);
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
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
  if (take_armour_line(text) != kBegin) return std::nullopt;
  while (!text.empty() && !take_armour_line(text).empty()) {  // headers, up to an empty line
  }
  std::string base64;
  for (bool ended = false; !ended;) {
    if (text.empty()) return std::nullopt;
    const auto line = take_armour_line(text);
    ended = line == kEnd;
    if (!ended && !line.starts_with('=')) base64 += line;
  }
  while (!text.empty()) {
    if (!take_armour_line(text).empty()) return std::nullopt;
  }
  return decode(base64);
}

// The length of the packet's body behind its tag; §4.2.1 and §4.2.2. Partial and open lengths are for data, not keys.
std::optional<std::size_t> take_length(ByteReader& reader, std::uint8_t first) {
  if ((first & 0x40) == 0) {
    switch (first & 3) {
      case 0: return reader.u8();
      case 1: return reader.be16();
      case 2: return reader.be32();
      default: return std::nullopt;
    }
  }
  const std::size_t length = reader.u8();
  if (length < 192) return length;
  if (length < 224) return ((length - 192) << 8) + reader.u8() + 192;
  if (length == 255) return reader.be32();
  return std::nullopt;
}

bool is_short_rsa(ByteView body) {
  ByteReader reader(body);
  reader.skip(kPublicKeyHead - 1);
  const std::uint8_t algorithm = reader.u8();
  const unsigned bits = reader.be16();  // of the modulus
  return reader.ok() && algorithm >= 1 && algorithm <= kLastRsa && bits < kLeastRsaBits;
}

Status check_packets(ByteView packets) {
  ByteReader reader(packets);
  while (reader.remaining() > 0) {
    const std::uint8_t first = reader.u8();
    const int tag = tag_of(first);
    const auto length = take_length(reader, first);
    if (tag <= 0 || !length) return fail(ErrorCode::malformed, "no OpenPGP public key");
    const auto body = reader.take(*length);
    if (!reader.ok()) return fail(ErrorCode::malformed, "no OpenPGP public key: cut short");
    if ((tag == kPublicKeyTag || tag == kPublicSubkeyTag) && is_short_rsa(body)) {
      return fail(ErrorCode::refused, "an RSA key of less than 2048 bits");
    }
  }
  return {};
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
  if (auto status = check_packets(*key); !status) return std::unexpected(status.error());
  return std::move(*key);
}

}  // namespace parapet::lists
