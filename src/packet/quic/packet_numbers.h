// SPDX-License-Identifier: Apache-2.0
// Which packet number a cut one can stand for.  RFC 9000 §17.1, §A.3
//
// A packet carries the low 1 to 4 bytes of its number; the receiver completes them around the highest that it has seen.
// What the server has seen is not known here: packets get lost, some on purpose. So the numbers are remembered around
// which a client's packets stood, and each is tried. Clients count from near 0 and stay there: one place is enough for
// them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace parapet::packet {

inline constexpr std::size_t kMaxNumberPlaces = 4;

// Plain data, all zero at first.
class PacketNumbers {
 public:
  // All numbers that the cut one can be, the likeliest first, each once.
  class Candidates {
   public:
    std::span<const std::uint64_t> all() const noexcept { return {numbers_.data(), count_}; }

   private:
    friend class PacketNumbers;
    void add(std::uint64_t number) noexcept;
    std::array<std::uint64_t, 2 * kMaxNumberPlaces + 1> numbers_;
    std::size_t count_ = 0;
  };
  //   cut     the number as in the packet, of `bytes` bytes (1..4)
  Candidates complete(std::uint32_t cut, unsigned bytes) const noexcept;

  // Remembers the number of a packet that was opened. False: it leapt too often for them all to be remembered.
  bool note(std::uint64_t number) noexcept;

 private:
  std::array<std::uint64_t, kMaxNumberPlaces> places_{};
  std::uint8_t count_ = 0;
};

}  // namespace parapet::packet
