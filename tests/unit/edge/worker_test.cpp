// SPDX-License-Identifier: Apache-2.0
// Workers between made-up ports: what comes in goes out or has a name, counted here and by the counters.
#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

#include "edge/buffers.h"
#include "edge/eal.h"
#include "edge/worker.h"
#include "packet_builder.h"

namespace parapet::edge {
namespace {

using support::Bytes;

constexpr std::uint32_t kBuffers = 2048;
constexpr std::uint16_t kMaxFrame = 1600;
constexpr Nanoseconds kHeartbeatTimeoutNs = 40'000'000;

// DPDK's environment, once for all tests of this program.
rte_mempool* buffers() {
  static rte_mempool* const pool = [] {
    const auto cpus = allowed_cpus();
    if (!start_eal({false, 64, {cpus.front()}, cpus, {}})) return static_cast<rte_mempool*>(nullptr);
    auto made = create_buffers(kBuffers, 2048);
    return made ? *made : nullptr;
  }();
  return pool;
}

class FakePort final : public Port {
 public:
  explicit FakePort(std::uint16_t queues, bool af_xdp = false) : queues_(queues), af_xdp_(af_xdp), waiting_(queues) {}

  void arrive(std::uint16_t queue, const Bytes& frame) {
    const std::lock_guard lock(mutex_);
    waiting_[queue].push_back(frame);
  }
  std::vector<Bytes> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  void take_at_most(std::size_t frames) { limit_ = frames; }
  void hold_up_next_receive() { hold_up_ = true; }  // for longer than the kernel waits for a beat
  std::size_t stale_waiting = 0;

  std::uint16_t queues() const noexcept override { return queues_; }
  std::uint16_t receive(std::uint16_t queue, rte_mbuf** frames, std::uint16_t room) noexcept override {
    if (hold_up_.exchange(false)) std::this_thread::sleep_for(std::chrono::nanoseconds(2 * kHeartbeatTimeoutNs));
    const std::lock_guard lock(mutex_);
    std::uint16_t count = 0;
    for (; count < room && !waiting_[queue].empty(); ++count) {
      frames[count] = rte_pktmbuf_alloc(buffers());
      if (frames[count] == nullptr) break;
      const Bytes& frame = waiting_[queue].front();
      std::memcpy(rte_pktmbuf_append(frames[count], static_cast<std::uint16_t>(frame.size())), frame.data(),
                  frame.size());
      waiting_[queue].pop_front();
    }
    return count;
  }
  std::uint16_t transmit(std::uint16_t, rte_mbuf** frames, std::uint16_t count) noexcept override {
    const std::lock_guard lock(mutex_);
    std::uint16_t taken = 0;
    for (; taken < count && sent_.size() < limit_; ++taken) {
      const auto* bytes = rte_pktmbuf_mtod(frames[taken], const std::uint8_t*);
      sent_.emplace_back(bytes, bytes + frames[taken]->data_len);
      rte_pktmbuf_free(frames[taken]);
    }
    return taken;
  }
  std::uint32_t drop_waiting(std::uint16_t) noexcept override {
    return static_cast<std::uint32_t>(std::exchange(stale_waiting, 0));
  }
  bool is_af_xdp() const noexcept override { return af_xdp_; }
  bool link_up() noexcept override { return true; }
  void set_link(bool) noexcept override {}
  PortLosses losses() noexcept override { return {}; }

 private:
  std::uint16_t queues_;
  bool af_xdp_;
  std::atomic<bool> hold_up_{false};
  mutable std::mutex mutex_;
  std::vector<std::deque<Bytes>> waiting_;
  std::vector<Bytes> sent_;
  std::size_t limit_ = SIZE_MAX;
};

struct Setup {
  std::uint16_t workers = 1;
  std::uint16_t queues = 1;
  std::uint32_t ring_slots = 1024;
  bool af_xdp = false;
};

// One pair of ports with its workers.
class Scene {
 public:
  explicit Scene(const Setup& setup) : steering_(kFlowKey, setup.workers), blocks_(setup.workers) {
    for (std::uint16_t p = 0; p < 2; ++p) {
      auto port = std::make_unique<FakePort>(setup.queues, setup.af_xdp);
      (p == 0 ? subscriber : transit) = port.get();
      ports_.push_back({std::move(port),
                        {0},
                        p == 0 ? Side::subscriber : Side::transit,
                        {0},
                        {static_cast<std::uint16_t>(p ^ 1)},
                        kMaxFrame});
    }
    slot_ = std::move(*SnapshotSlot::create(setup.workers));
    settings_.idle_timeout_ns = 300 * kNanosecondsPerSecond;
    settings_.block_hold_ns = 120 * kNanosecondsPerSecond;
    for (std::uint16_t i = 0; i < setup.workers; ++i)
      inboxes_.push_back(std::move(*Inbox::create({i}, setup.ring_slots)));
    for (std::uint16_t i = 0; i < setup.workers; ++i) {
      packet::PipelineOptions options;
      options.handshake_slots = options.records = 1024;
      options.messages = options.kept_blocks = 64;
      workers_.push_back(std::make_unique<Worker>(
          WorkerParts{{i},
                      setup.workers,
                      ports_,
                      inboxes_,
                      std::move(*packet::Pipeline::create(options, kFlowKey, kFlowKey, blocks_[i])),
                      &steering_,
                      &blocks_[i],
                      slot_.get(),
                      buffers(),
                      &settings_,
                      kHeartbeatTimeoutNs}));
    }
  }
  ~Scene() { stop(); }

  void start() { start(workers_.size()); }
  void start(std::size_t workers) {
    for (auto& worker : std::span(workers_).first(workers)) threads_.emplace_back([&worker] { worker->run(); });
  }
  void stop() {
    settings_.stop = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    bool left = true;
    while (left) {
      left = false;
      for (auto& worker : workers_) left |= worker->finish();
    }
  }
  // Until as many frames as came in have gone out or been dropped, by the counters.
  void settle(std::uint64_t frames_in) {
    for (int round = 0; round < 20000; ++round) {
      if (total([](const auto& b) { return b.rx_frames[0] + b.rx_frames[1]; }) == frames_in && gone() == frames_in)
        return;
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    FAIL() << "frames in " << frames_in << ", gone " << gone();
  }
  std::uint64_t gone() const { return forwarded() + dropped(); }
  std::uint64_t forwarded() const {
    return total([](const auto& b) { return b.tx_frames[0] + b.tx_frames[1] - b.injected_frames; });
  }
  std::uint64_t dropped() const {
    return total([](const auto& b) {
      std::uint64_t sum = 0;
      for (std::size_t i = index_of(FrameReason::drop_listed); i < kCountOf<FrameReason>; ++i)
        sum += counters::get(b.reasons[i]);
      return sum;
    });
  }
  std::uint64_t reason(FrameReason reason) const {
    return total([reason](const auto& b) { return counters::get(b.reasons[index_of(reason)]); });
  }
  std::uint64_t strays() const {
    return total([](const auto& b) { return counters::get(b.strays_sent); });
  }
  const counters::WorkerBlock& block(std::size_t worker) const { return blocks_[worker]; }

  FakePort* subscriber = nullptr;
  FakePort* transit = nullptr;

 private:
  static constexpr digest::Key kFlowKey{5, 6};
  template <typename Value>
  std::uint64_t total(Value value) const {
    std::uint64_t sum = 0;
    for (const auto& block : blocks_) sum += value(block);
    return sum;
  }

  packet::Steering steering_;
  std::vector<counters::WorkerBlock> blocks_;
  std::vector<PlacedPort> ports_;
  std::vector<std::unique_ptr<Inbox>> inboxes_;
  std::unique_ptr<SnapshotSlot> slot_;
  LiveSettings settings_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

// Each port is of another client, for owners go by addresses.
Bytes tcp_frame(std::uint16_t client_port, std::uint32_t seq) {
  support::Ends ends;
  ends.client = "192.0.2." + std::to_string(1 + client_port % 250);
  ends.client_port = client_port;
  return support::PacketBuilder(ends).tcp(seq, 1, packet::kTcpAck);
}

class Workers : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(buffers(), nullptr) << last_word_of_dpdk(); }
  // Every test ends with all buffers back in the pool.
  void TearDown() override { EXPECT_EQ(rte_mempool_avail_count(buffers()), kBuffers); }
};

TEST_F(Workers, pass_frames_of_both_sides_bit_for_bit_and_in_order) {
  Scene scene({});
  std::vector<Bytes> up;
  std::vector<Bytes> down;
  for (std::uint32_t i = 0; i < 500; ++i) {
    up.push_back(tcp_frame(40000, i));
    down.push_back(support::PacketBuilder(support::Ends{}).from_server().tcp(i, 1, packet::kTcpAck));
    scene.subscriber->arrive(0, up.back());
    scene.transit->arrive(0, down.back());
  }
  scene.start();
  scene.settle(1000);
  scene.stop();
  EXPECT_EQ(scene.transit->sent(), up);
  EXPECT_EQ(scene.subscriber->sent(), down);
  EXPECT_EQ(scene.dropped(), 0u);
}

TEST_F(Workers, hand_strays_to_their_owner_and_keep_each_stream_in_order) {
  Scene scene({3, 1, 1024, false});
  constexpr std::uint16_t kStreams = 24;
  for (std::uint32_t seq = 0; seq < 40; ++seq) {
    for (std::uint16_t stream = 0; stream < kStreams; ++stream) {
      scene.subscriber->arrive(0, tcp_frame(static_cast<std::uint16_t>(40000 + stream), seq));
    }
  }
  scene.start();
  scene.settle(40 * kStreams);
  scene.stop();
  EXPECT_EQ(scene.dropped(), 0u);
  EXPECT_GT(scene.strays(), 0u);
  std::map<std::uint16_t, std::uint32_t> next;
  for (const Bytes& frame : scene.transit->sent()) {
    const std::uint16_t stream = load_be16(frame.data() + 34);
    EXPECT_EQ(load_be32(frame.data() + 38), next[stream]++);
  }
  EXPECT_EQ(next.size(), kStreams);
}

TEST_F(Workers, name_what_the_other_port_does_not_take) {
  Scene scene({});
  scene.transit->take_at_most(100);
  for (std::uint32_t i = 0; i < 300; ++i) scene.subscriber->arrive(0, tcp_frame(40000, i));
  scene.start();
  scene.settle(300);
  scene.stop();
  EXPECT_EQ(scene.transit->sent().size(), 100u);
  EXPECT_EQ(scene.reason(FrameReason::drop_tx_full), 200u);
}

TEST_F(Workers, name_what_is_longer_than_the_other_port_can_send) {
  Scene scene({});
  Bytes exact(kMaxFrame, 0x11);
  Bytes longer(kMaxFrame + 1, 0x11);
  scene.subscriber->arrive(0, longer);
  scene.subscriber->arrive(0, exact);
  scene.start();
  scene.settle(2);
  scene.stop();
  EXPECT_EQ(scene.transit->sent(), std::vector<Bytes>{exact});
  EXPECT_EQ(scene.reason(FrameReason::drop_too_long), 1u);
}

TEST_F(Workers, name_what_finds_the_owners_ring_full) {
  // Worker 0 alone runs: what belongs to worker 1 fills its rings until it is finished at the end.
  Scene scene({2, 1, 256, false});
  for (std::uint16_t i = 0; i < 1200; ++i)
    scene.subscriber->arrive(0, tcp_frame(static_cast<std::uint16_t>(1024 + i), 1));
  scene.start(1);
  while (counters::get(scene.block(0).rx_frames[0]) < 1200) std::this_thread::yield();
  scene.stop();
  EXPECT_GT(scene.reason(FrameReason::drop_ring_full), 0u);
  EXPECT_GT(scene.reason(FrameReason::drop_tx_full), 0u);
  EXPECT_EQ(scene.transit->sent().size() + scene.dropped(), 1200u);
}

TEST_F(Workers, drop_what_waited_while_the_kernel_went_around_them_and_only_that) {
  Scene scene({1, 1, 1024, true});
  scene.subscriber->arrive(0, tcp_frame(40000, 1));
  scene.subscriber->stale_waiting = 7;
  scene.start();
  scene.settle(1);
  EXPECT_EQ(scene.reason(FrameReason::drop_stale), 0u);
  scene.subscriber->hold_up_next_receive();
  scene.settle(8);
  scene.stop();
  EXPECT_EQ(scene.reason(FrameReason::drop_stale), 7u);
  EXPECT_EQ(scene.transit->sent().size(), 1u);
}

TEST_F(Workers, wake_up_for_a_frame_after_a_long_rest) {
  Scene scene({2, 1, 1024, false});
  scene.start();
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto before = scene.block(0).heartbeat_monotonic_ns;
    while (counters::get(scene.block(0).heartbeat_monotonic_ns) < before + 5'000'000) std::this_thread::yield();
    scene.subscriber->arrive(0, tcp_frame(static_cast<std::uint16_t>(40000 + i), i));
    scene.settle(i + 1);
  }
  scene.stop();
  EXPECT_EQ(scene.transit->sent().size(), 5u);
}

}  // namespace
}  // namespace parapet::edge
