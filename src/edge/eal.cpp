// SPDX-License-Identifier: Apache-2.0
// Arguments for rte_eal_init.
#include "edge/eal.h"

#include <fcntl.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <sched.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <mutex>

#include "base/file.h"

namespace parapet::edge {
namespace {

constexpr std::size_t kMaxLastWord = 200;
std::mutex last_word_mutex;
std::string last_word;
bool is_started = false;

ssize_t keep_last_word(void*, const char* text, std::size_t length) {
  std::string_view line(text, length);
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  line = line.substr(line.rfind('\n') + 1, kMaxLastWord);
  if (line.find_first_not_of(' ') != std::string_view::npos) {
    const std::lock_guard lock(last_word_mutex);
    last_word = line;
  }
  return static_cast<ssize_t>(length);
}

// DPDK's log is free text, which our log does not have; only its last line is kept.
void catch_dpdk_log() {
  std::FILE* stream = ::fopencookie(nullptr, "w", {nullptr, keep_last_word, nullptr, nullptr});
  if (stream != nullptr) rte_openlog_stream(stream);
}

// EAL prints what is fatal past its log; our error output holds JSON lines only.
class SilentErrorOutput {
 public:
  SilentErrorOutput() : saved_(::dup(STDERR_FILENO)) {
    const Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (saved_.valid() && nowhere.valid()) ::dup2(nowhere.get(), STDERR_FILENO);
  }
  ~SilentErrorOutput() {
    if (saved_.valid()) ::dup2(saved_.get(), STDERR_FILENO);
  }
  SilentErrorOutput(const SilentErrorOutput&) = delete;
  SilentErrorOutput& operator=(const SilentErrorOutput&) = delete;

 private:
  Fd saved_;
};

std::string join(const std::vector<std::uint16_t>& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

}  // namespace

std::vector<std::string> eal_arguments(const EalOptions& options) {
  std::vector<std::uint16_t> control_cpus;
  std::ranges::copy_if(options.allowed_cpus, std::back_inserter(control_cpus), [&](std::uint16_t cpu) {
    return std::ranges::find(options.worker_cpus, cpu) == options.worker_cpus.end();
  });
  if (control_cpus.empty()) control_cpus = options.worker_cpus;
  std::string lcores = "0@(" + join(control_cpus) + ")";
  for (std::size_t i = 0; i < options.worker_cpus.size(); ++i) {
    lcores += "," + std::to_string(i + 1) + "@" + std::to_string(options.worker_cpus[i]);
  }
  std::vector<std::string> arguments{"--lcores", lcores, "--main-lcore", "0", "--no-telemetry", "--log-level", "error"};
  // Both leave nothing in the file system; DPDK 22.11 refuses --in-memory without hugepages, where memory is an
  // unlinked memfd anyhow.
  if (options.hugepages) {
    arguments.insert(arguments.end(), {"--in-memory", "-m", std::to_string(options.size_mib)});
  } else {
    arguments.insert(arguments.end(), {"--no-huge", "--no-shconf", "-m", std::to_string(options.size_mib)});
  }
  if (options.pci_devices.empty()) arguments.emplace_back("--no-pci");
  for (const auto& device : options.pci_devices) arguments.insert(arguments.end(), {"--allow", device});
  return arguments;
}

std::vector<std::uint16_t> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<std::uint16_t> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (std::uint16_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

Status start_eal(const EalOptions& options) {
  for (const auto cpu : options.worker_cpus) {
    if (std::ranges::find(options.allowed_cpus, cpu) == options.allowed_cpus.end()) {
      return fail(ErrorCode::invalid_argument, "workers.cores: CPU " + std::to_string(cpu) +
                                                   " is not there or not allowed; there are " +
                                                   join(options.allowed_cpus));
    }
  }
  catch_dpdk_log();
  std::vector<std::string> arguments = eal_arguments(options);
  arguments.insert(arguments.begin(), "parapet-edge");
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const SilentErrorOutput silence;
  if (rte_eal_init(static_cast<int>(arguments.size()), pointers.data()) < 0) {
    const auto code = rte_errno == ENOMEM ? ErrorCode::limit : ErrorCode::io;
    return fail(
        code,
        std::string("starting DPDK's environment: ") + rte_strerror(rte_errno) +
            (options.hugepages ? "; are " + std::to_string(options.size_mib) + " MiB of hugepages reserved?" : "") +
            "; DPDK says: " + last_word_of_dpdk());
  }
  is_started = true;
  return {};
}

std::string last_word_of_dpdk() {
  const std::lock_guard lock(last_word_mutex);
  return last_word;
}

void stop_eal() noexcept {
  if (is_started) static_cast<void>(rte_eal_cleanup());
  is_started = false;
}

}  // namespace parapet::edge
