// SPDX-License-Identifier: Apache-2.0
// Writing, comparing and wiping blocks of fragments.
#include "packet/flow/fragment_blocks.h"

#include <algorithm>
#include <cstring>

namespace parapet::packet {
namespace {

// Calls visit(block's number in the datagram, begin in the block, offset in the stretch, length) for each part of it.
template <typename Visit>
void for_parts(std::uint32_t offset, std::size_t length, Visit&& visit) noexcept {
  for (std::size_t done = 0; done < length;) {
    const std::size_t at = offset + done, begin = at % kFragmentBlockSize;
    const std::size_t part = std::min(length - done, kFragmentBlockSize - begin);
    visit(at / kFragmentBlockSize, begin, done, part);
    done += part;
  }
}

}  // namespace

Result<FragmentBlocks> FragmentBlocks::create(std::uint32_t blocks) {
  if (blocks == 0 || blocks > 1u << 20) {
    return fail(ErrorCode::invalid_argument, "fragment blocks: 1 to 1048576 can be had");
  }
  auto memory = FixedArray<Block>::create(blocks, "fragments");
  if (!memory) return std::unexpected(memory.error());
  auto free = FixedArray<std::uint32_t>::create(blocks, "fragments");
  if (!free) return std::unexpected(free.error());
  FragmentBlocks made;
  made.blocks_ = std::move(*memory);
  made.free_ = std::move(*free);
  for (std::uint32_t i = 0; i < blocks; ++i) made.free_[i] = blocks - 1 - i;
  made.free_count_ = blocks;
  return made;
}

std::uint32_t FragmentBlocks::missing(const DatagramBlocks& of, std::uint32_t offset,
                                      std::size_t length) const noexcept {
  std::uint32_t missing = 0;
  for_parts(offset, length,
            [&](std::size_t number, std::size_t, std::size_t, std::size_t) { missing += of.plus_one[number] == 0; });
  return missing;
}

void FragmentBlocks::write(DatagramBlocks& of, std::uint32_t offset, ByteView bytes) noexcept {
  for_parts(offset, bytes.size(), [&](std::size_t number, std::size_t begin, std::size_t done, std::size_t length) {
    if (of.plus_one[number] == 0) of.plus_one[number] = free_[--free_count_] + 1;
    std::memcpy(blocks_[of.plus_one[number] - 1].bytes.data() + begin, bytes.data() + done, length);
  });
}

bool FragmentBlocks::equal(const DatagramBlocks& of, std::uint32_t offset, ByteView bytes) const noexcept {
  bool equal = true;
  for_parts(offset, bytes.size(), [&](std::size_t number, std::size_t begin, std::size_t done, std::size_t length) {
    const Block& block = blocks_[of.plus_one[number] - 1];
    equal &= std::memcmp(block.bytes.data() + begin, bytes.data() + done, length) == 0;
  });
  return equal;
}

void FragmentBlocks::read(const DatagramBlocks& of, MutableBytes from_its_beginning) const noexcept {
  for_parts(0, from_its_beginning.size(), [&](std::size_t number, std::size_t, std::size_t done, std::size_t length) {
    std::memcpy(from_its_beginning.data() + done, blocks_[of.plus_one[number] - 1].bytes.data(), length);
  });
}

void FragmentBlocks::release(DatagramBlocks& of) noexcept {
  for (std::uint32_t& plus_one : of.plus_one) {
    if (plus_one == 0) continue;
    wipe(&blocks_[plus_one - 1], kFragmentBlockSize);
    free_[free_count_++] = plus_one - 1;
    plus_one = 0;
  }
}

}  // namespace parapet::packet
