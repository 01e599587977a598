// SPDX-License-Identifier: Apache-2.0
// The mutator of a target that has built-in seeds, whose inputs may be of any length. For its one source file.
#pragma once

#include "seeds.h"

namespace parapet::fuzz {

// Written by the target.
std::span<const std::vector<std::uint8_t>> seeds();

}  // namespace parapet::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned random) {
  return parapet::fuzz::mutate_from_seeds(data, size, max_size, random, parapet::fuzz::seeds());
}
