// SPDX-License-Identifier: Apache-2.0
// Built-in seeds: libFuzzer starts from an empty corpus and would need long to find a whole message. A target's custom
// mutator now and then begins again from one of these.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace parapet::fuzz {

// Replaces an input that is too short to be anything by a seed, then mutates.
inline std::size_t mutate_from_seeds(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned random,
                                     std::span<const std::vector<std::uint8_t>> seeds) {
  if (size < 8 || random % 1024 == 0) {
    const std::vector<std::uint8_t>& seed = seeds[random / 1024 % seeds.size()];
    size = std::min(seed.size(), max_size);
    std::copy_n(seed.begin(), size, data);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

}  // namespace parapet::fuzz
