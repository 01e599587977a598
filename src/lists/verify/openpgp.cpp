// SPDX-License-Identifier: Apache-2.0
// Reading gpgv's status lines.
#include "lists/verify/openpgp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "canon/hex_digit.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kPrefix = "[GNUPG:] ";
constexpr std::uint64_t kMaxSeconds = 253'402'300'799;  // the year 9999
constexpr std::size_t kMaxLines = 256;
constexpr std::size_t kFingerprintDigits = 40;  // of a key of version 4

// RFC 4880 §9.1, §9.4 and RFC 6637: what is strong enough.
constexpr std::array<std::string_view, 3> kAlgorithms{"1", "19", "22"};  // RSA, ECDSA, EdDSA
constexpr std::array<std::string_view, 3> kHashes{"8", "9", "10"};       // SHA-256, SHA-384, SHA-512
constexpr std::string_view kOverBytes = "00";                            // §5.2.1: of a binary document

constexpr std::array<std::string_view, 8> kSilent{"KEY_CONSIDERED", "SIG_ID",     "KEYEXPIRED",    "SIGEXPIRED",
                                                  "KEYREVOKED",     "POLICY_URL", "NOTATION_NAME", "NOTATION_DATA"};

struct Signature {
  std::string_view good_key;  // of GOODSIG; empty: not seen
  std::string_view primary;   // fingerprint; empty: no VALIDSIG
  std::uint64_t created_s = 0;
  std::uint64_t expires_s = 0;  // 0: never
};

std::string_view take_word(std::string_view& rest) {
  const auto end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size &&
         std::ranges::all_of(text, [](char c) { return canon::hex_digit(static_cast<std::uint8_t>(c)) >= 0; });
}

bool parse_seconds(std::string_view digits, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc{} && end == digits.data() + digits.size() && !digits.empty() && out <= kMaxSeconds;
}

std::unexpected<Error> strange(const std::string& what) {
  return fail(ErrorCode::unavailable, "signature: gpgv " + what);
}

std::string named(std::string_view key) { return is_hex(key, 16) ? std::string(key) : "of an unknown form"; }

Status take_valid(std::string_view rest, Signature& signature) {
  const auto fingerprint = take_word(rest);
  take_word(rest);  // the date again
  const auto created = take_word(rest), expires = take_word(rest), version = take_word(rest);
  take_word(rest);  // reserved
  const auto algorithm = take_word(rest), hash = take_word(rest), form = take_word(rest);
  const auto primary = take_word(rest);
  const bool whole = is_hex(fingerprint, kFingerprintDigits) && is_hex(primary, kFingerprintDigits) && rest.empty() &&
                     parse_seconds(created, signature.created_s) && parse_seconds(expires, signature.expires_s) &&
                     version == "4" && signature.created_s != 0;
  if (!whole || !fingerprint.ends_with(signature.good_key)) return strange("says VALIDSIG in a form of its own");
  if (std::ranges::find(kHashes, hash) == kHashes.end()) {
    return fail(ErrorCode::unsupported, "signature: its hash is weak; SHA-256, SHA-384 and SHA-512 are taken");
  }
  if (std::ranges::find(kAlgorithms, algorithm) == kAlgorithms.end()) {
    return fail(ErrorCode::unsupported, "signature: of an algorithm other than RSA, ECDSA and EdDSA");
  }
  if (form != kOverBytes) return fail(ErrorCode::unsupported, "signature: it is of a text, not of these bytes");
  signature.primary = primary;
  return {};
}

// ERRSIG KEYID ALGORITHM HASH CLASS TIME RC [FPR]: rc 9 is a missing key, 6 one that is not valid by its own
// signatures, 4 an algorithm that is not known, 5 a digest that is not (GPG_ERR_DIGEST_ALGO, also for weak ones).
std::unexpected<Error> explain_error(std::string_view rest) {
  const auto key = take_word(rest);
  for (int i = 0; i < 4; ++i) take_word(rest);
  const auto reason = take_word(rest);
  if (reason == "9") {
    return fail(ErrorCode::integrity, "signature: by key " + named(key) + ", which is none of the source's");
  }
  if (reason == "6") {
    return fail(ErrorCode::refused,
                "signature: key " + named(key) + " has no good signature of its own; those by SHA-1 are not taken");
  }
  if (reason == "5") {
    return fail(ErrorCode::unsupported, "signature: its hash is weak; SHA-256, SHA-384 and SHA-512 are taken");
  }
  if (reason == "4") {
    return fail(ErrorCode::unsupported, "signature: of an algorithm other than RSA, ECDSA and EdDSA");
  }
  return fail(ErrorCode::integrity, "signature: gpgv cannot check it");
}

// An error where the line says that a signature is not good; the key's id is all that is repeated.
Status check_refusal(std::string_view keyword, std::string_view rest) {
  if (keyword == "NODATA" || keyword == "UNEXPECTED")
    return fail(ErrorCode::malformed, "signature: no OpenPGP signature");
  if (keyword == "ERRSIG") return explain_error(rest);
  const std::string key = named(take_word(rest));
  if (keyword == "BADSIG") return fail(ErrorCode::integrity, "signature: it is not over this list (key " + key + ")");
  if (keyword == "EXPKEYSIG") return fail(ErrorCode::refused, "signature: by key " + key + ", which has expired");
  if (keyword == "REVKEYSIG") return fail(ErrorCode::refused, "signature: by key " + key + ", which was revoked");
  if (keyword == "EXPSIG") return fail(ErrorCode::refused, "signature: by key " + key + ": the signature has expired");
  return {};
}

Status take_line(std::string_view line, std::vector<Signature>& signatures) {
  const auto keyword = take_word(line);
  if (auto status = check_refusal(keyword, line); !status) return status;
  if (keyword == "NEWSIG") {
    if (signatures.size() == kMaxOpenPgpSignatures) return strange("tells of more than eight signatures");
    signatures.emplace_back();
    return {};
  }
  if (std::ranges::find(kSilent, keyword) != kSilent.end()) return {};
  if (signatures.empty()) return strange("tells of something before a signature");
  auto& signature = signatures.back();
  if (keyword == "GOODSIG" && signature.good_key.empty()) {
    signature.good_key = take_word(line);
    return is_hex(signature.good_key, 16) ? Status{} : strange("says GOODSIG in a form of its own");
  }
  if (keyword == "VALIDSIG" && !signature.good_key.empty() && signature.primary.empty()) {
    return take_valid(line, signature);
  }
  return strange("says what is not expected there");
}

Result<std::vector<Signature>> parse_status(std::string_view status) {
  std::vector<Signature> signatures;
  if (status.size() > kMaxOpenPgpStatus) return strange("says too much");
  for (std::size_t lines = 0; !status.empty(); ++lines) {
    const auto end = status.find('\n');
    if (end == std::string_view::npos || lines == kMaxLines) return strange("does not end its lines");
    const auto line = status.substr(0, end);
    status.remove_prefix(end + 1);
    const bool is_text = std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
    if (!line.starts_with(kPrefix) || !is_text) return strange("writes other lines than status lines");
    if (auto taken = take_line(line.substr(kPrefix.size()), signatures); !taken) return std::unexpected(taken.error());
  }
  return signatures;
}

SigningKeyId key_id_of(std::string_view fingerprint) {
  SigningKeyId id{};
  const auto digits = fingerprint.substr(fingerprint.size() - 2 * id.size());
  for (std::size_t i = 0; i < id.size(); ++i) {
    id[id.size() - 1 - i] = static_cast<std::uint8_t>(canon::hex_digit(static_cast<std::uint8_t>(digits[2 * i])) << 4 |
                                                      canon::hex_digit(static_cast<std::uint8_t>(digits[2 * i + 1])));
  }
  return id;
}

}  // namespace

Result<SignedStatement> judge_openpgp(const OpenPgpAnswer& answer, Nanoseconds trusted_now_realtime_ns) {
  const auto signatures = parse_status(answer.status);
  if (!signatures) return std::unexpected(signatures.error());
  if (answer.exit_status != 0) return strange("ended with status " + std::to_string(answer.exit_status));
  if (signatures->empty()) return fail(ErrorCode::malformed, "signature: no OpenPGP signature");
  for (const auto& signature : *signatures) {
    if (signature.primary.empty()) return strange("does not say that a signature is good");
    const bool has_ended =
        signature.expires_s != 0 && signature.expires_s * kNanosecondsPerSecond <= trusted_now_realtime_ns;
    if (has_ended) return fail(ErrorCode::refused, "signature: the signature has expired");
  }
  if (answer.clock_realtime_ns + kMaxClockBehindNs < trusted_now_realtime_ns) {
    return fail(ErrorCode::refused,
                "signature: this box's clock is more than a day behind, so whether its key has expired cannot be told");
  }
  const auto& oldest = *std::ranges::min_element(*signatures, {}, &Signature::created_s);
  SignedStatement statement;
  statement.key_id = key_id_of(oldest.primary);
  statement.realtime_ns = oldest.created_s * kNanosecondsPerSecond;
  return statement;
}

}  // namespace parapet::lists
