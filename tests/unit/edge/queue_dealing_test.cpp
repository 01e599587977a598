// SPDX-License-Identifier: Apache-2.0
// Which worker receives from and sends by which queue.
#include <gtest/gtest.h>

#include "edge/worker.h"

namespace parapet::edge {
namespace {

TEST(QueueDealing, every_frame_goes_out_by_a_queue_of_the_worker_that_owns_it) {
  for (std::uint16_t workers = 1; workers <= 8; ++workers) {
    for (std::uint16_t queues = 1; queues <= 8; ++queues) {
      for (std::uint16_t port = 0; port < 6; ++port) {
        for (std::uint16_t worker = 0; worker < workers; ++worker) {
          const SendPlace place = send_place({port}, {worker}, queues, workers);
          ASSERT_LT(place.queue, queues);
          ASSERT_EQ(place.owner, owner_of_queue({port}, place.queue, workers));
        }
      }
    }
  }
}

TEST(QueueDealing, a_worker_with_a_queue_of_its_own_needs_nobody_to_send) {
  for (std::uint16_t workers = 1; workers <= 8; ++workers) {
    for (std::uint16_t port = 0; port < 6; ++port) {
      for (std::uint16_t worker = 0; worker < workers; ++worker) {
        ASSERT_EQ(send_place({port}, {worker}, workers, workers).owner, WorkerIndex{worker});
      }
    }
  }
}

TEST(QueueDealing, single_queue_ports_are_spread_over_the_workers) {
  EXPECT_EQ(owner_of_queue({0}, 0, 2), WorkerIndex{0});
  EXPECT_EQ(owner_of_queue({1}, 0, 2), WorkerIndex{1});
  EXPECT_EQ(owner_of_queue({2}, 0, 2), WorkerIndex{0});
}

}  // namespace
}  // namespace parapet::edge
