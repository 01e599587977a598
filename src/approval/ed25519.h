// SPDX-License-Identifier: Apache-2.0
// Signatures over texts (Ed25519, RFC 8032), keys and signatures as base64.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace parapet::approval {

using Seed = std::array<std::uint8_t, 32>;  // the private key of RFC 8032

// A new key pair.
struct KeyPair {
  Seed seed;
  std::string public_key;  // base64
};
KeyPair make_key_pair();
std::string public_key_of(const Seed& seed);

std::string sign_text(std::string_view text, const Seed& seed);
// False also where key or signature is no base64 of its length.
bool is_signed_by(std::string_view text, std::string_view signature, std::string_view public_key);

}  // namespace parapet::approval
