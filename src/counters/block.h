// SPDX-License-Identifier: Apache-2.0
// The writer's side of the counter file: made by the edge at start, a new file each time (rename), so that a reader
// never sees a half-made one.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "counters/layout.h"

namespace parapet::counters {

// Owns the mapping. Moving keeps the addresses of the blocks.
//   thread  header(): the control thread writes; worker(i): worker i writes
class CounterFile {
 public:
  // errors: permission · io · invalid_argument (more workers or ports than the layout holds)
  static Result<CounterFile> create(const std::string& path, std::size_t workers, std::size_t ports);
  CounterFile(CounterFile&& other) noexcept;
  CounterFile& operator=(CounterFile&&) = delete;
  ~CounterFile();

  Header& header() noexcept { return *reinterpret_cast<Header*>(base_); }
  WorkerBlock& worker(WorkerIndex index) noexcept {
    return *reinterpret_cast<WorkerBlock*>(base_ + sizeof(Header) + index.value * sizeof(WorkerBlock));
  }

 private:
  CounterFile(std::uint8_t* base, std::size_t size) noexcept : base_(base), size_(size) {}
  std::uint8_t* base_;
  std::size_t size_;
};

}  // namespace parapet::counters
