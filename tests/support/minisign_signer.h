// SPDX-License-Identifier: Apache-2.0
// Signs as minisign does, with a key of its own made from a number.
#pragma once

#include <sodium.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "lists/verify/minisign.h"

namespace parapet::support {

class MinisignSigner {
 public:
  explicit MinisignSigner(std::uint8_t number) {
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    seed[0] = number;
    ::crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
    id_.fill(number);
  }

  std::string public_key() const { return base64("Ed" + text(id_) + text(public_key_)); }
  lists::MinisignKey key() const { return *lists::parse_minisign_key(public_key()); }

  // The signature file over `bytes` with this trusted comment.
  std::string sign(std::string_view bytes, std::string_view comment, std::string_view algorithm = "ED") const {
    std::array<unsigned char, 64> hash{};
    ::crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                         nullptr, 0);
    const std::string signature = detached(text(hash));
    return "untrusted comment: by a test\n" + base64(std::string(algorithm) + text(id_) + signature) +
           "\ntrusted comment: " + std::string(comment) + "\n" + base64(detached(signature + std::string(comment))) +
           "\n";
  }

 private:
  template <std::size_t size>
  static std::string text(const std::array<unsigned char, size>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static std::string base64(std::string_view bytes) {
    std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    ::sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                        sodium_base64_VARIANT_ORIGINAL);
    out.resize(std::strlen(out.c_str()));
    return out;
  }
  std::string detached(std::string_view message) const {
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    ::crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                           message.size(), secret_key_.data());
    return text(signature);
  }

  std::array<unsigned char, 8> id_;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key_;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key_;
};

}  // namespace parapet::support
