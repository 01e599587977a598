// SPDX-License-Identifier: Apache-2.0
// Floods through the packet path, with ordinary clients among them: memory may not grow, every listed request is
// stopped and every other one served while it lasts, and 5 seconds later nothing more goes uninspected.
//   floods [DIVISOR]   DIVISOR: makes each flood shorter by so much
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <vector>

#include "flood_frames.h"
#include "packet/pipeline/pipeline.h"
#include "steady_traffic.h"
#include "tiny_list.h"

namespace {

using namespace parapet;
using namespace parapet::floods;
using namespace parapet::packet;

constexpr std::size_t kAtOnce = 96;             // ordinary conversations
constexpr std::size_t kSteadyInBurst = 2;       // frames of theirs in a burst of 32
constexpr Nanoseconds kBurstTime_ns = 160'000;  // 200,000 frames a second
constexpr Nanoseconds kRecovery_ns = 5 * kNanosecondsPerSecond;
constexpr std::size_t kMayGrow = 1 << 20;

// Frames of one kind, or of several in turn.
struct Flood {
  const char* name;
  std::vector<FloodFrame> frames;
  std::uint64_t count;

  const FloodFrame& frame(std::uint64_t n) const noexcept { return frames[n % frames.size()]; }
};

// A million SYNs, 200,000 fragments, 200,000 Initials and 100,000 half hellos, evenly mixed.
std::vector<FloodFrame> all_kinds() {
  std::vector<FloodFrame> kinds;
  for (const FloodFrame& frame :
       {first_fragment(), forged_initial(), half_hello(), first_fragment(), forged_initial()}) {
    kinds.insert(kinds.end(), {spoofed_syn(), frame, spoofed_syn()});
  }
  return kinds;
}

std::vector<Flood> make_floods() {
  return {{"spoofed SYNs", {spoofed_syn()}, 1'000'000},     {"first fragments", {first_fragment()}, 200'000},
          {"half hellos", {half_hello()}, 100'000},         {"forged Initials", {forged_initial()}, 200'000},
          {"broken Initials", {broken_initial()}, 200'000}, {"of all kinds at once", all_kinds(), 1'500'000}};
}

std::size_t resident_bytes() {
  unsigned long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*u %lu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class Line {
 public:
  Line() : steady_(kAtOnce) {
    auto made = Pipeline::create({}, {1, 2}, support::kTestKey, block_);
    if (!made) std::abort();
    pipeline_ = std::move(*made);
  }

  // One burst: `flood` frames numbered from `first` on, and some of ordinary clients. Nothing of the flood: nullptr.
  std::uint64_t send(const Flood* flood, std::uint64_t first) {
    std::array<Frame, kMaxBurst> frames;
    std::array<Fate, kMaxBurst> fates;
    std::size_t size = 0;
    for (; flood != nullptr && size < kMaxBurst - kSteadyInBurst; ++size) {
      const FloodFrame& frame = flood->frame(first + size);
      frame.write(first + size, buffers_[size].data());
      frames[size] = {
          buffers_[size].data(), static_cast<std::uint32_t>(frame.size()), Side::subscriber, {}, LinkType::ethernet};
    }
    process({frames.data(), size}, {fates.data(), size});
    for (std::size_t i = 0; i < kSteadyInBurst; ++i) {
      support::Sent& sent = steady_.next();
      frames[0] = {sent.bytes.data(), static_cast<std::uint32_t>(sent.bytes.size()), sent.side, {}, LinkType::ethernet};
      process({frames.data(), 1}, {fates.data(), 1});
      steady_.judge(fates[0]);
    }
    now_ += kBurstTime_ns;
    return size;
  }
  void go_on_quietly(Nanoseconds time) {
    for (const Nanoseconds end = now_ + time; now_ < end;) send(nullptr, 0);
  }

  std::uint64_t uninspected() const {
    return std::accumulate(std::begin(block_.uninspected), std::end(block_.uninspected), std::uint64_t{0});
  }
  // What became uninspected since the last call.
  void print_uninspected() {
    for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
      if (block_.uninspected[i] == printed_[i]) continue;
      std::printf("    uninspected %-20s %10lu\n", kUninspectedNames[i].data(),
                  static_cast<unsigned long>(block_.uninspected[i] - printed_[i]));
      printed_[i] = block_.uninspected[i];
    }
  }
  SteadyTraffic& steady() noexcept { return steady_; }

 private:
  void process(std::span<Frame> frames, std::span<Fate> fates) {
    if (frames.empty()) return;
    injections_.clear();
    pipeline_->process(frames, fates, &list_.snapshot(), now_, injections_);
  }

  support::TinyList list_{"domain:listed.example.test"};
  counters::WorkerBlock block_{};
  std::array<std::uint64_t, kCountOf<UninspectedReason>> printed_{};
  std::unique_ptr<Pipeline> pipeline_;
  InjectionQueue injections_;
  SteadyTraffic steady_;
  std::array<std::array<std::uint8_t, 2048>, kMaxBurst> buffers_;
  Nanoseconds now_ = 1000 * kNanosecondsPerSecond;
};

bool is_right(const char* when, SteadyTraffic& steady) {
  const Outcome outcome = steady.outcome();
  steady.forget();
  for (std::size_t i = 0; i < kAsks; ++i) {
    std::printf("    %-5s %-7s listed: %6lu stopped %4lu served; unlisted: %6lu served %4lu stopped\n", kAsksNames[i],
                when, static_cast<unsigned long>(outcome.blocked[i]), static_cast<unsigned long>(outcome.missed[i]),
                static_cast<unsigned long>(outcome.passed[i]), static_cast<unsigned long>(outcome.stopped[i]));
  }
  return outcome.is_right();
}

bool withstands(Line& line, const Flood& flood, std::uint64_t count, std::size_t memory_before) {
  std::printf("%lu %s\n", static_cast<unsigned long>(count), flood.name);
  for (std::uint64_t sent = 0; sent < count;) sent += line.send(&flood, sent);
  const std::size_t memory = resident_bytes();
  const std::size_t grown = memory > memory_before ? memory - memory_before : 0;
  std::printf("    memory %zu KiB, grown by %zu KiB\n", memory >> 10, grown >> 10);
  bool good = grown <= kMayGrow;
  good &= is_right("flooded", line.steady());
  line.go_on_quietly(kRecovery_ns);
  good &= is_right("behind", line.steady());
  line.print_uninspected();
  const std::uint64_t uninspected = line.uninspected();
  line.go_on_quietly(kRecovery_ns);
  good &= is_right("later", line.steady());
  const std::uint64_t still = line.uninspected() - uninspected;
  std::printf("    uninspected in seconds 5 to 10 behind it: %lu\n", static_cast<unsigned long>(still));
  line.print_uninspected();
  return good && still == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t divisor = argc > 1 ? std::max(1UL, std::strtoul(argv[1], nullptr, 10)) : 1;
  const auto line = std::make_unique<Line>();
  const std::vector<Flood> floods = make_floods();
  // Warm-up: each page that the pipeline took is touched, and the ordinary clients run for some time.
  for (const Flood& flood : floods) line->send(&flood, UINT32_MAX);
  line->go_on_quietly(kRecovery_ns);
  bool good = is_right("warm-up", line->steady());
  const std::size_t memory_before = resident_bytes();
  std::printf("memory %zu KiB\n", memory_before >> 10);
  for (const Flood& flood : floods) good &= withstands(*line, flood, flood.count / divisor, memory_before);
  std::puts(good ? "all withstood" : "FAILED");
  return good ? 0 : 1;
}
