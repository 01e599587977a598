// SPDX-License-Identifier: Apache-2.0
// Times frames on their way through a pipeline, several rounds over copies of the same frames, each with a pipeline of
// its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "packet/pipeline/pipeline.h"
#include "packet_builder.h"
#include "tiny_list.h"

namespace parapet::bench {

// Nanoseconds a frame, one value a round, ascending.
struct Timing {
  std::vector<double> ns;

  double least() const { return ns.front(); }
  double median() const { return ns[ns.size() / 2]; }
  double most() const { return ns.back(); }
};

// One pipeline and its time.
class Line {
 public:
  explicit Line(const snapshot::Snapshot& snapshot) : snapshot_(snapshot) {
    auto made = packet::Pipeline::create({}, {1, 2}, support::kTestKey, block_);
    if (!made) std::abort();
    pipeline_ = std::move(*made);
  }

  // Nanoseconds a frame. The frames may be altered.
  double play(std::vector<support::Sent>& sent) {
    std::vector<packet::Frame> burst(packet::kMaxBurst);
    std::vector<packet::Fate> fates(packet::kMaxBurst);
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < sent.size(); at += packet::kMaxBurst) {
      const std::size_t count = std::min(packet::kMaxBurst, sent.size() - at);
      for (std::size_t i = 0; i < count; ++i) {
        support::Sent& one = sent[at + i];
        burst[i] = {
            one.bytes.data(), static_cast<std::uint32_t>(one.bytes.size()), one.side, {}, packet::LinkType::ethernet};
      }
      injections_.clear();
      pipeline_->process({burst.data(), count}, {fates.data(), count}, &snapshot_, now_, injections_);
      now_ += 10'000;
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / static_cast<double>(std::max<std::size_t>(sent.size(), 1));
  }

 private:
  const snapshot::Snapshot& snapshot_;
  counters::WorkerBlock block_{};
  std::unique_ptr<packet::Pipeline> pipeline_;
  packet::InjectionQueue injections_;
  Nanoseconds now_ = 1'000'000'000;
};

//   warm_up  played first, untimed: what the streams of `sent` have behind them
inline Timing measure(const snapshot::Snapshot& snapshot, const std::vector<support::Sent>& warm_up,
                      const std::vector<support::Sent>& sent, int rounds) {
  Timing timing;
  for (int round = 0; round < rounds; ++round) {
    Line line(snapshot);
    std::vector<support::Sent> before = warm_up;
    if (!before.empty()) line.play(before);
    std::vector<support::Sent> copies = sent;
    timing.ns.push_back(line.play(copies));
  }
  std::ranges::sort(timing.ns);
  return timing;
}

}  // namespace parapet::bench
