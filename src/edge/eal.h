// SPDX-License-Identifier: Apache-2.0
// DPDK's environment layer: one process, no files left behind, workers on their cores and everything else off them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace parapet::edge {

struct EalOptions {
  bool hugepages = true;
  std::uint32_t size_mib = 1024;
  std::vector<std::uint16_t> worker_cpus;   // worker i runs on worker_cpus[i] as lcore i + 1
  std::vector<std::uint16_t> allowed_cpus;  // what this process may run on
  std::vector<std::string> pci_devices;     // with their arguments; no others are touched
};

// The argument vector for rte_eal_init, without the program's name.
std::vector<std::string> eal_arguments(const EalOptions& options);

// CPUs this process may use.
std::vector<std::uint16_t> allowed_cpus();

// Starts the environment layer; once a process.
//   errors  invalid_argument (a worker's CPU that is not there) · limit (memory) · io
Status start_eal(const EalOptions& options);
void stop_eal() noexcept;

// The last line DPDK wanted to log, for an error's context: its own log is not written anywhere.
std::string last_word_of_dpdk();

}  // namespace parapet::edge
