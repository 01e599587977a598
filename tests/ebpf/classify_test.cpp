// SPDX-License-Identifier: Apache-2.0
// What the XDP program does with a frame, told by its return code and its counters.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <classify.skel.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <vector>

#include "ebpf/abi.h"

namespace {

constexpr std::uint32_t kLoopback = 1;  // the interface that test runs come from
constexpr std::uint32_t kPort = 6;
constexpr std::uint64_t kTimeoutNs = 50'000'000;

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

struct Destroy {
  void operator()(classify* skeleton) const { classify__destroy(skeleton); }
};

class Classify : public testing::Test {
 protected:
  void SetUp() override {
    ::libbpf_set_print(nullptr);
    skeleton_.reset(classify__open_and_load());
    if (!skeleton_ && errno == EPERM) GTEST_SKIP() << "loading XDP programs is not permitted here";
    ASSERT_TRUE(skeleton_) << errno;
  }

  void know_port(std::uint32_t queues = 1) {
    const parapet_port port{kPort, kLoopback, queues, 0, kTimeoutNs};
    ASSERT_EQ(::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.ports), &kLoopback, &port, BPF_ANY), 0);
  }
  void open_socket(std::uint32_t queue = 0) {
    socket_ = ::socket(AF_XDP, SOCK_RAW, 0);
    ASSERT_GE(socket_, 0);
    const std::uint32_t slot = PARAPET_SLOT(kPort, queue);
    ASSERT_EQ(::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.sockets), &slot, &socket_, BPF_ANY), 0);
  }
  void close_socket() {
    ::close(socket_);
    socket_ = -1;
  }
  void beat(std::uint64_t at_ns, std::uint32_t queue = 0) {
    const std::uint32_t slot = PARAPET_SLOT(kPort, queue);
    ASSERT_EQ(::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.heartbeats), &slot, &at_ns, BPF_ANY), 0);
  }

  std::uint32_t run(std::size_t length) {
    std::vector<std::uint8_t> frame(length, 0x5a);
    std::vector<std::uint8_t> out(length + 64);
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = frame.data();
    options.data_size_in = static_cast<__u32>(frame.size());
    options.data_out = out.data();
    options.data_size_out = static_cast<__u32>(out.size());
    EXPECT_EQ(::bpf_prog_test_run_opts(::bpf_program__fd(skeleton_->progs.parapet_classify), &options), 0) << errno;
    EXPECT_EQ(options.data_size_out, frame.size());
    out.resize(options.data_size_out);
    EXPECT_EQ(out, frame) << "the program altered a frame";
    return options.retval;
  }

  parapet_port_counters counters(std::uint32_t port) const {
    std::vector<parapet_port_counters> of_cpus(static_cast<std::size_t>(::libbpf_num_possible_cpus()));
    EXPECT_EQ(::bpf_map_lookup_elem(::bpf_map__fd(skeleton_->maps.port_counters), &port, of_cpus.data()), 0);
    parapet_port_counters sum{};
    for (const auto& cpu : of_cpus) {
      sum.to_socket += cpu.to_socket;
      sum.bypassed += cpu.bypassed;
      sum.jumbo += cpu.jumbo;
      sum.dropped += cpu.dropped;
    }
    return sum;
  }
  void expect_counted(std::uint64_t to_socket, std::uint64_t bypassed, std::uint64_t jumbo) const {
    const auto now = counters(kPort);
    EXPECT_EQ(now.to_socket, to_socket);
    EXPECT_EQ(now.bypassed, bypassed);
    EXPECT_EQ(now.jumbo, jumbo);
  }

  void TearDown() override {
    if (socket_ >= 0) ::close(socket_);
  }

  std::unique_ptr<classify, Destroy> skeleton_;
  int socket_ = -1;
};

TEST_F(Classify, a_frame_goes_to_the_socket_while_its_worker_beats) {
  know_port();
  open_socket();
  beat(monotonic_ns());
  EXPECT_EQ(run(64), static_cast<std::uint32_t>(XDP_REDIRECT));
  expect_counted(1, 0, 0);
}

TEST_F(Classify, a_frame_goes_across_when_the_heartbeat_is_stale) {
  know_port();
  open_socket();
  beat(monotonic_ns() - kTimeoutNs - 1);
  EXPECT_EQ(run(64), static_cast<std::uint32_t>(XDP_REDIRECT));
  expect_counted(0, 1, 0);
}

TEST_F(Classify, a_beat_a_moment_ahead_of_the_kernels_clock_is_fresh) {
  know_port();
  open_socket();
  beat(monotonic_ns() + 1'000'000'000);
  run(64);
  expect_counted(1, 0, 0);
}

TEST_F(Classify, a_frame_goes_across_where_there_never_was_a_beat) {
  know_port();
  open_socket();
  run(64);
  expect_counted(0, 1, 0);
}

TEST_F(Classify, a_frame_goes_across_when_the_socket_was_closed) {
  know_port();
  open_socket();
  beat(monotonic_ns());
  run(64);
  close_socket();
  beat(monotonic_ns());
  EXPECT_EQ(run(64), static_cast<std::uint32_t>(XDP_REDIRECT));
  expect_counted(1, 1, 0);
}

TEST_F(Classify, a_queue_without_a_socket_goes_across_though_another_has_one) {
  know_port(2);
  open_socket(1);
  beat(monotonic_ns(), 0);
  beat(monotonic_ns(), 1);
  run(64);  // queue 0
  expect_counted(0, 1, 0);
}

TEST_F(Classify, a_queue_beyond_those_the_edge_holds_goes_across) {
  know_port(0);
  open_socket();
  beat(monotonic_ns());
  run(64);
  expect_counted(0, 1, 0);
}

TEST_F(Classify, a_frame_of_3400_bytes_is_inspected_and_one_of_3401_crosses) {
  know_port();
  open_socket();
  beat(monotonic_ns());
  run(PARAPET_MAX_SOCKET_FRAME);
  expect_counted(1, 0, 0);
  EXPECT_EQ(run(PARAPET_MAX_SOCKET_FRAME + 1), static_cast<std::uint32_t>(XDP_REDIRECT));
  expect_counted(1, 0, 1);
  EXPECT_EQ(run(9216), static_cast<std::uint32_t>(XDP_REDIRECT));
  expect_counted(1, 0, 2);
}

TEST_F(Classify, a_frame_of_an_unknown_port_is_dropped_and_counted) {
  EXPECT_EQ(run(64), static_cast<std::uint32_t>(XDP_DROP));
  EXPECT_EQ(counters(PARAPET_PORTS).dropped, 1u);
}

TEST_F(Classify, a_port_number_out_of_range_is_dropped_and_counted) {
  const parapet_port port{PARAPET_PORTS, kLoopback, 1, 0, kTimeoutNs};
  ASSERT_EQ(::bpf_map_update_elem(::bpf_map__fd(skeleton_->maps.ports), &kLoopback, &port, BPF_ANY), 0);
  EXPECT_EQ(run(64), static_cast<std::uint32_t>(XDP_DROP));
  EXPECT_EQ(counters(PARAPET_PORTS).dropped, 1u);
}

// The layout that pins of an earlier edge have, byte by byte.
TEST(Abi, has_the_layout_of_version_1) {
  EXPECT_EQ(PARAPET_ABI_MAJOR, 1);
  EXPECT_EQ(PARAPET_SLOT(3, 2), 194);
  EXPECT_EQ(offsetof(parapet_port, peer_ifindex), 4u);
  EXPECT_EQ(offsetof(parapet_port, queue_count), 8u);
  EXPECT_EQ(offsetof(parapet_port, heartbeat_timeout_ns), 16u);
  EXPECT_EQ(offsetof(parapet_port_counters, bypassed), 8u);
  EXPECT_EQ(offsetof(parapet_port_counters, jumbo), 16u);
  EXPECT_EQ(offsetof(parapet_port_counters, dropped), 24u);
}

}  // namespace
