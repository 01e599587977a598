// SPDX-License-Identifier: Apache-2.0
// Signing and verifying by libsodium.
#include "approval/ed25519.h"

#include <sodium.h>

#include "approval/base64.h"
#include "base/secret.h"

namespace parapet::approval {
namespace {

using PublicKey = std::array<unsigned char, crypto_sign_PUBLICKEYBYTES>;
using SecretKey = std::array<unsigned char, crypto_sign_SECRETKEYBYTES>;
using Signature = std::array<unsigned char, crypto_sign_BYTES>;

const unsigned char* bytes_in(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

KeyPair make_key_pair() {
  KeyPair pair{};
  ::randombytes_buf(pair.seed.data(), pair.seed.size());
  pair.public_key = public_key_of(pair.seed);
  return pair;
}

std::string public_key_of(const Seed& seed) {
  PublicKey public_key{};
  SecretKey secret_key{};
  ::crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.data());
  wipe(secret_key.data(), secret_key.size());
  return to_base64(public_key);
}

std::string sign_text(std::string_view text, const Seed& seed) {
  PublicKey public_key{};
  SecretKey secret_key{};
  Signature signature{};
  ::crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.data());
  ::crypto_sign_detached(signature.data(), nullptr, bytes_in(text), text.size(), secret_key.data());
  wipe(secret_key.data(), secret_key.size());
  return to_base64(signature);
}

bool is_signed_by(std::string_view text, std::string_view signature, std::string_view public_key) {
  PublicKey key{};
  Signature bytes{};
  return from_base64(public_key, key) && from_base64(signature, bytes) &&
         ::crypto_sign_verify_detached(bytes.data(), bytes_in(text), text.size(), key.data()) == 0;
}

}  // namespace parapet::approval
