// SPDX-License-Identifier: Apache-2.0
// The buddies.
#include "packet/hpack/fixed_heap.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/secret.h"

namespace parapet::packet {

void FixedHeap::reset() noexcept {
  wipe(bytes_.data(), std::min(used_units_, kUnits) * kUnit);
  used_units_ = 0;
  for (auto& order : free_) order.fill(0);
  order_of_.fill(kNotABlock);
  mark_free({kOrders - 1, 0});
}

void FixedHeap::mark_free(const Place& place) noexcept {
  free_[place.order][place.index / 64] |= std::uint64_t{1} << place.index % 64;
}

void FixedHeap::mark_taken(const Place& place) noexcept {
  free_[place.order][place.index / 64] &= ~(std::uint64_t{1} << place.index % 64);
}

bool FixedHeap::is_free(const Place& place) const noexcept {
  return (free_[place.order][place.index / 64] >> place.index % 64 & 1) != 0;
}

// The lowest free block of the order.
bool FixedHeap::find_free(unsigned order, std::size_t& index) const noexcept {
  const std::size_t words = ((kUnits >> order) + 63) / 64;
  for (std::size_t word = 0; word < words; ++word) {
    if (const std::uint64_t bits = free_[order][word]; bits != 0) {
      index = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      return true;
    }
  }
  return false;
}

void* FixedHeap::allocate(std::size_t size) noexcept {
  if (size > kSize) return nullptr;
  const std::size_t units = std::max<std::size_t>((size + kUnit - 1) / kUnit, 1);
  const unsigned wanted = static_cast<unsigned>(std::bit_width(units - 1));
  Place place{wanted, 0};
  while (place.order < kOrders && !find_free(place.order, place.index)) ++place.order;
  if (place.order == kOrders) return nullptr;
  mark_taken(place);
  while (place.order > wanted) {  // the upper half stays free
    place = {place.order - 1, place.index * 2};
    mark_free({place.order, place.index + 1});
  }
  const std::size_t unit = unit_of(place);
  order_of_[unit] = static_cast<std::uint8_t>(wanted);
  used_units_ = std::max(used_units_, unit + (std::size_t{1} << wanted));
  return bytes_.data() + unit * kUnit;
}

void* FixedHeap::allocate_zeroed(std::size_t count, std::size_t size) noexcept {
  if (size != 0 && count > kSize / size) return nullptr;
  void* block = allocate(count * size);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

void FixedHeap::free(void* block) noexcept {
  if (block == nullptr) return;
  const std::size_t unit = static_cast<std::size_t>(static_cast<std::uint8_t*>(block) - bytes_.data()) / kUnit;
  Place place{order_of_[unit], 0};
  place.index = unit >> place.order;
  order_of_[unit] = kNotABlock;
  wipe(block, kUnit << place.order);
  while (place.order + 1 < kOrders && is_free({place.order, place.index ^ 1})) {
    mark_taken({place.order, place.index ^ 1});
    place = {place.order + 1, place.index / 2};
  }
  mark_free(place);
}

void* FixedHeap::reallocate(void* block, std::size_t size) noexcept {
  if (block == nullptr) return allocate(size);
  const std::size_t unit = static_cast<std::size_t>(static_cast<std::uint8_t*>(block) - bytes_.data()) / kUnit;
  const std::size_t had = kUnit << order_of_[unit];
  if (size <= had) return block;
  void* larger = allocate(size);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, had);
  free(block);
  return larger;
}

}  // namespace parapet::packet
