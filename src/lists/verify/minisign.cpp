// SPDX-License-Identifier: Apache-2.0
// Reading keys and signature files, and asking libsodium.
#include "lists/verify/minisign.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/text_lines.h"
#include "canon/hex_digit.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::size_t kSignatureSize = 64;
constexpr std::uint64_t kMaxSeconds = 253'402'300'799;  // the year 9999

struct KeyBytes {
  char algorithm[2];
  std::uint8_t id[8];
  std::uint8_t public_key[32];
};
static_assert(sizeof(KeyBytes) == 42);

struct SignatureBytes {
  char algorithm[2];
  std::uint8_t id[8];
  std::uint8_t signature[kSignatureSize];
};
static_assert(sizeof(SignatureBytes) == 74);

// Decodes base64 of exactly one T. libsodium 1.0.18 takes some bytes from 0x80 on for characters of base64.
template <typename T>
bool decode(std::string_view base64, T& out) {
  std::size_t size = 0;
  const bool is_ascii = std::ranges::all_of(base64, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return is_ascii &&
         ::sodium_base642bin(reinterpret_cast<unsigned char*>(&out), sizeof out, base64.data(), base64.size(), nullptr,
                             &size, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0 &&
         size == sizeof out;
}

struct SignatureFile {
  SignatureBytes signature;
  std::string_view comment;  // trusted, without its title
  std::uint8_t comment_signature[kSignatureSize];
};

Result<SignatureFile> parse(std::string_view text) {
  SignatureFile file{};
  const auto wrong = [](const char* what) { return fail(ErrorCode::malformed, std::string("signature: ") + what); };
  if (text.size() > kMaxSignature) return wrong("longer than 4096 bytes");
  if (!take_line(text).starts_with(kUntrusted)) return wrong("line 1 is no untrusted comment");
  if (!decode(take_line(text), file.signature)) return wrong("line 2 is no base64 of a signature");
  file.comment = take_line(text);
  if (!file.comment.starts_with(kTrusted)) return wrong("line 3 is no trusted comment");
  file.comment.remove_prefix(kTrusted.size());
  if (!decode(take_line(text), file.comment_signature)) return wrong("line 4 is no base64 of a signature");
  if (!text.empty()) return wrong("more than four lines");
  return file;
}

Result<std::uint64_t> parse_number(std::string_view digits, std::string_view field, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty() || number > max) {
    return fail(ErrorCode::malformed, "signature: its " + std::string(field) + " is no number");
  }
  return number;
}

// A field that is said twice could be read either way.
Result<SignedStatement> parse_comment(std::string_view comment) {
  SignedStatement statement;
  std::optional<std::uint64_t> seconds;
  bool has_file = false;
  while (!comment.empty()) {
    const auto end = std::min(comment.find('\t'), comment.size());
    const auto field = comment.substr(0, end);
    comment.remove_prefix(std::min(end + 1, comment.size()));
    const auto colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = field.substr(0, colon);
    const auto value = field.substr(colon + 1);
    const bool twice =
        (name == "timestamp" && seconds) || (name == "sequence" && statement.sequence) || (name == "file" && has_file);
    if (twice) return fail(ErrorCode::malformed, "signature: it says its " + std::string(name) + " twice");
    if (name == "timestamp") {
      auto number = parse_number(value, name, kMaxSeconds);
      if (!number) return std::unexpected(number.error());
      seconds = *number;
    } else if (name == "sequence") {
      auto number = parse_number(value, name, UINT64_MAX - 1);
      if (!number) return std::unexpected(number.error());
      statement.sequence = *number;
    } else if (name == "file") {
      statement.file = value;
      has_file = true;
    }
  }
  if (!seconds) return fail(ErrorCode::malformed, "signature: its trusted comment has no timestamp");
  statement.realtime_ns = *seconds * 1'000'000'000;
  return statement;
}

bool verifies(const std::uint8_t (&signature)[kSignatureSize], ByteView message, const MinisignKey& key) {
  return ::crypto_sign_verify_detached(signature, message.data(), message.size(), key.public_key.data()) == 0;
}

}  // namespace

Result<MinisignKey> parse_minisign_key(std::string_view base64) {
  KeyBytes bytes;
  if (!decode(base64, bytes) || std::memcmp(bytes.algorithm, "Ed", 2) != 0) {
    return fail(ErrorCode::malformed, "no public key of minisign");
  }
  MinisignKey key;
  std::ranges::copy(bytes.id, key.id.begin());
  std::ranges::copy(bytes.public_key, key.public_key.begin());
  return key;
}

std::string format_key_id(const SigningKeyId& id) {
  std::string text;
  for (std::size_t i = id.size(); i-- > 0;) {  // little-endian, printed as a number
    text += canon::kHex[id[i] >> 4];
    text += canon::kHex[id[i] & 15];
  }
  return text;
}

Result<SignedStatement> verify_minisign(ByteView bytes, std::string_view signature, std::span<const MinisignKey> keys) {
  auto file = parse(signature);
  if (!file) return std::unexpected(file.error());
  if (std::memcmp(file->signature.algorithm, "ED", 2) != 0) {
    return fail(ErrorCode::unsupported,
                "signature: of an algorithm other than \"ED\" (minisign -S hashes by itself since 0.10)");
  }
  const auto key =
      std::ranges::find_if(keys, [&](const MinisignKey& k) { return std::ranges::equal(k.id, file->signature.id); });
  if (key == keys.end()) {
    SigningKeyId id;
    std::ranges::copy(file->signature.id, id.begin());
    return fail(ErrorCode::integrity, "signature: by key " + format_key_id(id) + ", which is none of the source's");
  }
  std::array<std::uint8_t, crypto_generichash_BYTES_MAX> hash;
  static_assert(hash.size() == 64);
  ::crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  if (!verifies(file->signature.signature, hash, *key)) {
    return fail(ErrorCode::integrity, "signature: it is not over this list");
  }
  std::vector<std::uint8_t> covered(std::begin(file->signature.signature), std::end(file->signature.signature));
  covered.insert(covered.end(), file->comment.begin(), file->comment.end());
  if (!verifies(file->comment_signature, covered, *key)) {
    return fail(ErrorCode::integrity, "signature: its trusted comment was changed");
  }
  auto statement = parse_comment(file->comment);
  if (statement) statement->key_id = key->id;
  return statement;
}

}  // namespace parapet::lists
