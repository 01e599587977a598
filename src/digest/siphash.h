// SPDX-License-Identifier: Apache-2.0
// SipHash-1-3 with 128 bits out, fed word by word, so that a digest can be taken at any point and the feed go on.
// Aumasson, Bernstein: SipHash, a fast short-input PRF (2012); the 128-bit variant is that of their reference code.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>

namespace parapet::digest {

// 128 bits of secret.
struct Key {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

struct Digest {
  std::uint64_t low = 0;  // filter bits and bucket
  std::uint64_t high = 0;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

using Words = std::array<std::uint64_t, 4>;

// The running state: 32 bytes, copied freely. Not the published SipHash of a byte string: there is no length byte;
// whoever feeds it must make the words prefix-free (name.h does).
class SipState {
 public:
  explicit SipState(const Key& key) noexcept
      : v0_(key.k0 ^ 0x736f6d6570736575),
        v1_(key.k1 ^ 0x646f72616e646f6d ^ 0xee),
        v2_(key.k0 ^ 0x6c7967656e657261),
        v3_(key.k1 ^ 0x7465646279746573) {}

  // The state itself, to go on from later: as secret as what was fed under this key.
  Words words() const noexcept { return {v0_, v1_, v2_, v3_}; }
  static SipState of_words(const Words& words) noexcept {
    SipState state{Key{}};
    state.v0_ = words[0];
    state.v1_ = words[1];
    state.v2_ = words[2];
    state.v3_ = words[3];
    return state;
  }

  void feed(std::uint64_t word) noexcept {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  // The first 64 bits, of a copy finalised here.
  std::uint64_t low() const noexcept {
    SipState s = *this;
    s.finish_low();
    return s.fold();
  }

  Digest digest() const noexcept {
    SipState s = *this;
    s.finish_low();
    const std::uint64_t low = s.fold();
    s.v1_ ^= 0xdd;
    s.round();
    s.round();
    s.round();
    return {low, s.fold()};
  }

 private:
  void round() noexcept {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13);
    v1_ ^= v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16);
    v3_ ^= v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21);
    v3_ ^= v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17);
    v1_ ^= v2_;
    v2_ = std::rotl(v2_, 32);
  }
  void finish_low() noexcept {
    v2_ ^= 0xee;
    round();
    round();
    round();
  }
  std::uint64_t fold() const noexcept { return v0_ ^ v1_ ^ v2_ ^ v3_; }

  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace parapet::digest
