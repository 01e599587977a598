// SPDX-License-Identifier: Apache-2.0
// Signatures of minisign: Ed25519 over the BLAKE2b-512 of a file, and a comment that the signature covers. By
// libsodium.
//
//   public key  base64 of "Ed", 8 bytes key id, 32 bytes Ed25519 public key
//   signature   4 lines: "untrusted comment: ..." · base64 of "ED", 8 bytes key id, 64 bytes signature of the hash ·
//               "trusted comment: ..." · base64 of 64 bytes: signature over the one before and the trusted comment
//
// The trusted comment holds fields parted by tabs; minisign itself writes timestamp:SECONDS and file:NAME, and a source
// may add sequence:NUMBER.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {

using SigningKeyId = std::array<std::uint8_t, 8>;

struct MinisignKey {
  SigningKeyId id;
  std::array<std::uint8_t, 32> public_key;
};

//   errors  malformed
Result<MinisignKey> parse_minisign_key(std::string_view base64);

std::string format_key_id(const SigningKeyId& id);  // 16 hexadecimal digits, as minisign prints it

// What the signer says, covered by the signature.
struct SignedStatement {
  SigningKeyId key_id{};
  std::uint64_t realtime_ns = 0;  // its timestamp
  std::optional<std::uint64_t> sequence;
  std::string file;  // empty: none
};

// Whether one of these keys signed exactly these bytes.
//   errors  malformed (no signature file, no timestamp) · integrity (another key, other bytes) · unsupported (legacy
//   "Ed",
//           which signs without hashing)
//   cost    one pass over the bytes
Result<SignedStatement> verify_minisign(ByteView bytes, std::string_view signature, std::span<const MinisignKey> keys);

}  // namespace parapet::lists
