// SPDX-License-Identifier: Apache-2.0
// A pipeline that is as new for each input without being made anew: making one costs many times what an input does.
#pragma once

#include <sanitizer/allocator_interface.h>

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "packet/pipeline/pipeline.h"
#include "require.h"

namespace parapet::fuzz {

// Notes all memory that Pipeline::create takes and what it holds then. renew() puts that back byte for byte, and the
// counters to zero: an input that is found does the same when it is run alone. (process() takes no memory and gives
// none back, so there is nothing else.) Needs AddressSanitizer, which tells of allocations; without it each renew()
// makes another pipeline.
class RenewedPipeline {
 public:
  RenewedPipeline(const packet::PipelineOptions& options, const digest::Key& digest_key)
      : options_(options), digest_key_(digest_key) {
    make();  // what libcrypto sets up at its first use is not the pipeline's
    static const bool hooked = __sanitizer_install_malloc_and_free_hooks(note_taken, note_given_back) != 0;
    noting_ = hooked ? this : nullptr;
    make();
    noting_ = nullptr;
    for (const MutableBytes chunk : chunks()) image_.insert(image_.end(), chunk.begin(), chunk.end());
  }
  RenewedPipeline(const RenewedPipeline&) = delete;
  RenewedPipeline& operator=(const RenewedPipeline&) = delete;

  packet::Pipeline& renew() {
    block_ = {};
    if (image_.empty()) make();
    const std::uint8_t* from = image_.data();
    for (const MutableBytes chunk : chunks()) {
      std::memcpy(chunk.data(), from, chunk.size());
      from += chunk.size();
    }
    return *pipeline_;
  }
  const counters::WorkerBlock& block() const noexcept { return block_; }

 private:
  void make() {
    pipeline_.reset();
    auto made = packet::Pipeline::create(options_, {11, 22}, digest_key_, block_);
    require(made.has_value());
    pipeline_ = std::move(*made);
  }
  std::span<const MutableBytes> chunks() const noexcept { return {chunks_.data(), chunk_count_}; }

  static void note_taken(const volatile void* memory, std::size_t size) {
    if (noting_ == nullptr) return;
    require(noting_->chunk_count_ < noting_->chunks_.size());
    noting_->chunks_[noting_->chunk_count_++] = {static_cast<std::uint8_t*>(const_cast<void*>(memory)), size};
  }
  static void note_given_back(const volatile void* memory) {
    if (noting_ == nullptr) return;
    for (MutableBytes& chunk : noting_->chunks_) {
      if (chunk.data() == memory) chunk = noting_->chunks_[--noting_->chunk_count_];
    }
  }

  static inline RenewedPipeline* noting_ = nullptr;
  packet::PipelineOptions options_;
  digest::Key digest_key_;
  counters::WorkerBlock block_{};
  std::unique_ptr<packet::Pipeline> pipeline_;
  std::array<MutableBytes, 128> chunks_{};
  std::size_t chunk_count_ = 0;
  std::vector<std::uint8_t> image_;
};

}  // namespace parapet::fuzz
