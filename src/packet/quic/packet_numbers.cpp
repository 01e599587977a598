// SPDX-License-Identifier: Apache-2.0
// Completing packet numbers.
#include "packet/quic/packet_numbers.h"

#include <algorithm>

namespace parapet::packet {
namespace {

// How far from a place the highest number that the server has seen may be.
constexpr std::uint64_t kNear = 64;
constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 62) - 1;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) noexcept { return std::max(a, b) - std::min(a, b); }

}  // namespace

void PacketNumbers::Candidates::add(std::uint64_t number) noexcept {
  if (std::ranges::find(all(), number) == all().end()) numbers_[count_++] = number;
}

PacketNumbers::Candidates PacketNumbers::complete(std::uint32_t cut, unsigned bytes) const noexcept {
  Candidates made;
  const std::uint64_t window = std::uint64_t{1} << (bytes * 8);
  for (std::size_t i = count_; i > 0; --i) {
    const std::uint64_t expected = places_[i - 1] + 1;
    const std::uint64_t middle = (expected & ~(window - 1)) | cut;
    for (const std::uint64_t number : {middle, middle + window, middle - window}) {  // below 0 is far off, too
      if (number <= kMaxNumber && distance(number, expected) <= window / 2 + kNear) made.add(number);
    }
  }
  made.add(cut);  // for a server that has seen none
  return made;
}

bool PacketNumbers::note(std::uint64_t number) noexcept {
  const auto is_near = [&](std::uint64_t place) { return distance(place, number) <= kNear; };
  const std::span known(places_.data(), count_);
  if (number <= kNear || std::ranges::any_of(known, is_near)) return true;
  if (count_ == kMaxNumberPlaces) return false;
  places_[count_++] = number;
  return true;
}

}  // namespace parapet::packet
