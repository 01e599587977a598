// SPDX-License-Identifier: Apache-2.0
// Blocks of kept bytes: putting in, comparing, letting go.
#include "packet/flow/kept_bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace parapet::packet {
namespace {

using Bits = std::array<std::uint64_t, kKeptBlockSize / 64>;

// Bits [begin, end) of one 64-bit word that starts at bit `base`.
std::uint64_t mask_in_word(std::uint32_t base, std::uint32_t begin, std::uint32_t end) noexcept {
  const std::uint32_t low = std::max(begin, base) - base;
  const std::uint32_t high = std::min(end, base + 64) - base;
  const std::uint64_t below_high = high == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << high) - 1;
  return below_high & ~((std::uint64_t{1} << low) - 1);
}

template <typename Visit>
void for_words(std::uint32_t begin, std::uint32_t end, Visit&& visit) noexcept {
  if (begin >= end) return;
  for (std::uint32_t word = begin / 64; word <= (end - 1) / 64; ++word)
    visit(word, mask_in_word(word * 64, begin, end));
}

bool any_set(const Bits& bits, std::uint32_t begin, std::uint32_t end) noexcept {
  bool any = false;
  for_words(begin, end, [&](std::uint32_t word, std::uint64_t mask) { any |= (bits[word] & mask) != 0; });
  return any;
}
bool all_set(const Bits& bits, std::uint32_t begin, std::uint32_t end) noexcept {
  bool all = true;
  for_words(begin, end, [&](std::uint32_t word, std::uint64_t mask) { all &= (bits[word] & mask) == mask; });
  return all;
}
void set(Bits& bits, std::uint32_t begin, std::uint32_t end) noexcept {
  for_words(begin, end, [&](std::uint32_t word, std::uint64_t mask) { bits[word] |= mask; });
}
void clear(Bits& bits, std::uint32_t begin, std::uint32_t end) noexcept {
  for_words(begin, end, [&](std::uint32_t word, std::uint64_t mask) { bits[word] &= ~mask; });
}
bool is_set(const Bits& bits, std::uint32_t bit) noexcept { return (bits[bit / 64] >> (bit % 64) & 1) != 0; }

std::uint32_t run_length(const Bits& bits, std::uint32_t begin) noexcept {
  std::uint32_t at = begin;
  while (at < kKeptBlockSize) {
    const auto ones = static_cast<std::uint32_t>(std::countr_one(bits[at / 64] >> (at % 64)));
    const std::uint32_t rest = 64 - at % 64;
    at += std::min(ones, rest);
    if (ones < rest) break;
  }
  return at - begin;
}

}  // namespace

Result<KeptBytes> KeptBytes::create(std::uint32_t blocks, std::uint32_t most_of_one) {
  if (blocks == 0 || blocks > 1u << 22) {
    return fail(ErrorCode::invalid_argument, "kept blocks: 1 to 4194304 can be had");
  }
  auto memory = FixedArray<Block>::create(blocks, "kept bytes");
  if (!memory) return std::unexpected(memory.error());
  KeptBytes kept;
  kept.blocks_ = std::move(*memory);
  for (std::uint32_t i = 0; i < blocks; ++i) kept.blocks_[i].next_plus_one = i + 1 < blocks ? i + 2 : 0;
  kept.first_free_plus_one_ = 1;
  kept.free_count_ = blocks;
  kept.most_of_one_ = most_of_one;
  return kept;
}

KeptBytes::Part KeptBytes::part_at(std::uint32_t seq, std::size_t rest) noexcept {
  const std::uint32_t begin = seq % kKeptBlockSize;
  return {seq - begin, begin, static_cast<std::uint32_t>(std::min<std::size_t>(rest, kKeptBlockSize - begin))};
}

const KeptBytes::Block* KeptBytes::find(const KeptChain& chain, std::uint32_t first_seq) const noexcept {
  for (std::uint32_t at = chain.head_plus_one; at != 0; at = blocks_[at - 1].next_plus_one) {
    if (blocks_[at - 1].first_seq == first_seq) return &blocks_[at - 1];
  }
  return nullptr;
}
KeptBytes::Block* KeptBytes::find(const KeptChain& chain, std::uint32_t first_seq) noexcept {
  return const_cast<Block*>(static_cast<const KeptBytes*>(this)->find(chain, first_seq));
}

KeptBytes::Block* KeptBytes::add(KeptChain& chain, std::uint32_t first_seq) noexcept {
  const std::uint32_t index = first_free_plus_one_ - 1;
  Block& block = blocks_[index];
  first_free_plus_one_ = block.next_plus_one;
  --free_count_;
  block.first_seq = first_seq;
  block.next_plus_one = chain.head_plus_one;
  chain.head_plus_one = index + 1;
  ++chain.blocks;
  return &block;
}

// Calls visit(block, begin in the block, offset in the stretch, length) for each block that holds part of the stretch.
template <typename Visit>
void KeptBytes::visit(const KeptChain& chain, std::uint32_t seq, std::size_t length, Visit&& visit) const noexcept {
  if (chain.head_plus_one == 0) return;
  for (std::size_t done = 0; done < length;) {
    const Part part = part_at(seq + static_cast<std::uint32_t>(done), length - done);
    const Block* block = find(chain, part.first_seq);
    if (block != nullptr) visit(*block, part.begin, done, part.length);
    done += part.length;
  }
}

std::uint32_t KeptBytes::missing_blocks(const KeptChain& chain, std::uint32_t seq, std::size_t length) const noexcept {
  std::uint32_t missing = 0;
  for (std::size_t done = 0; done < length;) {
    const Part part = part_at(seq + static_cast<std::uint32_t>(done), length - done);
    if (find(chain, part.first_seq) == nullptr) ++missing;
    done += part.length;
  }
  return missing;
}

KeepOutcome KeptBytes::keep(KeptChain& chain, std::uint32_t seq, ByteView bytes) noexcept {
  const std::uint32_t missing = missing_blocks(chain, seq, bytes.size());
  if (chain.blocks + missing > most_of_one_) return KeepOutcome::too_many;
  if (missing > free_count_) return KeepOutcome::no_block;
  for (std::size_t done = 0; done < bytes.size();) {
    const Part part = part_at(seq + static_cast<std::uint32_t>(done), bytes.size() - done);
    Block* block = find(chain, part.first_seq);
    if (block == nullptr) block = add(chain, part.first_seq);
    const std::uint32_t end = part.begin + part.length;
    if (!any_set(block->there, part.begin, end)) {
      std::memcpy(block->bytes.data() + part.begin, bytes.data() + done, part.length);
    } else {
      for (std::uint32_t i = 0; i < part.length; ++i) {
        if (!is_set(block->there, part.begin + i)) block->bytes[part.begin + i] = bytes[done + i];
      }
    }
    set(block->there, part.begin, end);
    done += part.length;
  }
  return KeepOutcome::kept;
}

bool KeptBytes::differs(const KeptChain& chain, std::uint32_t seq, ByteView bytes) const noexcept {
  bool differs = false;
  visit(chain, seq, bytes.size(), [&](const Block& block, std::uint32_t begin, std::size_t at, std::uint32_t length) {
    if (std::memcmp(block.bytes.data() + begin, bytes.data() + at, length) == 0) return;
    for (std::uint32_t i = 0; i < length; ++i) {
      differs |= is_set(block.there, begin + i) && block.bytes[begin + i] != bytes[at + i];
    }
  });
  return differs;
}

void KeptBytes::overwrite(const KeptChain& chain, std::uint32_t seq, MutableBytes bytes) const noexcept {
  visit(chain, seq, bytes.size(), [&](const Block& block, std::uint32_t begin, std::size_t at, std::uint32_t length) {
    for (std::uint32_t i = 0; i < length; ++i) {
      if (is_set(block.there, begin + i)) bytes[at + i] = block.bytes[begin + i];
    }
  });
}

bool KeptBytes::covers(const KeptChain& chain, std::uint32_t seq, std::uint32_t length) const noexcept {
  std::uint32_t covered = 0;
  visit(chain, seq, length, [&](const Block& block, std::uint32_t begin, std::size_t, std::uint32_t part) {
    if (all_set(block.there, begin, begin + part)) covered += part;
  });
  return covered == length;
}

ByteView KeptBytes::run_at(const KeptChain& chain, std::uint32_t seq) const noexcept {
  if (chain.head_plus_one == 0) return {};
  const Part part = part_at(seq, 1);
  const Block* block = find(chain, part.first_seq);
  if (block == nullptr) return {};
  return {block->bytes.data() + part.begin, run_length(block->there, part.begin)};
}

std::uint32_t KeptBytes::distance_to_next(const KeptChain& chain, std::uint32_t seq) const noexcept {
  std::uint32_t nearest = kKeptNone;
  for (std::uint32_t at = chain.head_plus_one; at != 0; at = blocks_[at - 1].next_plus_one) {
    const Block& block = blocks_[at - 1];
    const std::int32_t from_block = seq_distance(seq, block.first_seq);
    if (from_block >= static_cast<std::int32_t>(kKeptBlockSize)) continue;
    for_words(from_block > 0 ? static_cast<std::uint32_t>(from_block) : 0, kKeptBlockSize,
              [&](std::uint32_t word, std::uint64_t mask) {
                const std::uint64_t bits = block.there[word] & mask;
                if (bits == 0) return;
                const auto bit = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
                nearest = std::min(nearest, block.first_seq + bit - seq);
              });
  }
  return nearest;
}

void KeptBytes::put_back(std::uint32_t index) noexcept {
  Block& block = blocks_[index];
  wipe(&block, sizeof block);
  block.next_plus_one = first_free_plus_one_;
  first_free_plus_one_ = index + 1;
  ++free_count_;
}

// Wipes, in each block, the bytes [begin, end) that `select(block)` names, and puts blocks back that hold nothing more.
template <typename Select>
void KeptBytes::forget(KeptChain& chain, Select&& select) noexcept {
  std::uint32_t* link = &chain.head_plus_one;
  while (*link != 0) {
    const std::uint32_t index = *link - 1;
    Block& block = blocks_[index];
    const auto [begin, end] = select(block);
    if (begin < end) {
      wipe(block.bytes.data() + begin, end - begin);
      clear(block.there, begin, end);
    }
    if (any_set(block.there, 0, kKeptBlockSize)) {
      link = &block.next_plus_one;
      continue;
    }
    *link = block.next_plus_one;
    put_back(index);
    --chain.blocks;
  }
}

void KeptBytes::release_before(KeptChain& chain, std::uint32_t seq) noexcept {
  forget(chain, [seq](const Block& block) {
    const std::int32_t end = std::clamp<std::int32_t>(seq_distance(seq, block.first_seq), 0, kKeptBlockSize);
    return std::pair{std::uint32_t{0}, static_cast<std::uint32_t>(end)};
  });
}

void KeptBytes::release_from(KeptChain& chain, std::uint32_t seq) noexcept {
  forget(chain, [seq](const Block& block) {
    const std::int32_t begin = std::clamp<std::int32_t>(seq_distance(seq, block.first_seq), 0, kKeptBlockSize);
    return std::pair{static_cast<std::uint32_t>(begin), kKeptBlockSize};
  });
}

void KeptBytes::release_first_block(KeptChain& chain) noexcept {
  if (chain.head_plus_one == 0) return;
  std::uint32_t first = blocks_[chain.head_plus_one - 1].first_seq;
  for (std::uint32_t at = chain.head_plus_one; at != 0; at = blocks_[at - 1].next_plus_one) {
    if (seq_distance(blocks_[at - 1].first_seq, first) < 0) first = blocks_[at - 1].first_seq;
  }
  release_before(chain, first + kKeptBlockSize);
}

void KeptBytes::release_all(KeptChain& chain) noexcept {
  while (chain.head_plus_one != 0) {
    const std::uint32_t index = chain.head_plus_one - 1;
    chain.head_plus_one = blocks_[index].next_plus_one;
    put_back(index);
  }
  chain.blocks = 0;
}

}  // namespace parapet::packet
