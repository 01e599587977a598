// SPDX-License-Identifier: Apache-2.0
// Reading the counter file.
#include "counters/reader.h"

#include <algorithm>
#include <cstring>

#include "base/file.h"

namespace parapet::counters {
namespace {

constexpr std::size_t kCounterWords = (sizeof(WorkerBlock) - offsetof(WorkerBlock, rx_frames)) / sizeof(std::uint64_t);

}  // namespace

WorkerBlock Reading::total() const {
  WorkerBlock sum{};
  if (workers.empty()) return sum;
  sum.heartbeat_monotonic_ns = UINT64_MAX;
  sum.generation = UINT64_MAX;
  auto* to = &sum.rx_frames[0];
  for (const auto& worker : workers) {
    sum.heartbeat_monotonic_ns = std::min(sum.heartbeat_monotonic_ns, worker.heartbeat_monotonic_ns);
    sum.generation = std::min(sum.generation, worker.generation);
    const auto* from = &worker.rx_frames[0];
    for (std::size_t i = 0; i < kCounterWords; ++i) to[i] += from[i];
  }
  return sum;
}

Result<Reading> parse_counters(ByteView file) {
  if (file.size() < sizeof(Header)) {
    return fail(ErrorCode::malformed, "counter file has " + std::to_string(file.size()) +
                                          " bytes, its header alone has " + std::to_string(sizeof(Header)));
  }
  auto header = std::make_shared<Header>();
  std::memcpy(header.get(), file.data(), sizeof(Header));
  if (header->magic != kMagic) return fail(ErrorCode::malformed, "not a counter file: magic is wrong");
  if (header->major != kMajor) {
    return fail(ErrorCode::unsupported, "counter file has version " + std::to_string(header->major) +
                                            ", this program reads " + std::to_string(kMajor));
  }
  if (header->header_size != sizeof(Header) || header->worker_block_size != sizeof(WorkerBlock) ||
      header->worker_count == 0 || header->worker_count > kMaxWorkers || header->port_count > kMaxPorts ||
      header->list_count > UINT16_MAX) {
    return fail(ErrorCode::malformed, "counter file header holds sizes or counts out of range");
  }
  if (file.size() != sizeof(Header) + header->worker_count * sizeof(WorkerBlock)) {
    return fail(ErrorCode::malformed, "counter file size does not fit its worker count");
  }
  Reading reading{header, {}};
  reading.workers.resize(header->worker_count);
  std::memcpy(reading.workers.data(), file.data() + sizeof(Header), header->worker_count * sizeof(WorkerBlock));
  return reading;
}

Result<Reading> read_counters(const std::string& path) {
  auto bytes = read_file(path, sizeof(Header) + kMaxWorkers * sizeof(WorkerBlock));
  if (!bytes) return std::unexpected(bytes.error());
  auto reading = parse_counters(*bytes);
  if (!reading) return std::unexpected(reading.error().within(path));
  return reading;
}

}  // namespace parapet::counters
