// SPDX-License-Identifier: Apache-2.0
// parapet-edge: the packet path. Reads edge.toml and runs until it is told to stop.
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "config/edge_options.h"
#include "edge/edge.h"
#include "edge/xdp_program.h"

namespace {

using namespace parapet;

// What the program ends with; docs/operations name them.
enum ExitCode { kStopped = 0, kFailed = 1, kUsage = 2, kBadConfig = 3, kNotPermitted = 4 };

constexpr std::size_t kMaxConfigBytes = 1 << 20;

constexpr const char* kHelp =
    R"(parapet-edge: the packet path of Parapet, a bump in the wire between the ports of each pair

Usage:
  parapet-edge --config FILE            run until SIGTERM; SIGHUP reads FILE's live keys again
  parapet-edge --config FILE --detach   take the XDP program off the af_xdp ports: frames stop crossing
  parapet-edge --help | --version

Examples:
  parapet config check /etc/parapet/edge.toml && parapet-edge --config /etc/parapet/edge.toml
  nsenter --net=/run/netns/edge parapet-edge --config edge.toml     (ip netns exec hides bpffs)
  kill -HUP $(pidof parapet-edge)

When it ends, pairs of af_xdp ports go on forwarding in the kernel, uninspected and counted. Pairs of other
devices stop forwarding: there is no kernel beneath them.

Exit codes:
  0  stopped as told       2  wrong usage                  4  a permission is missing
  1  could not go on       3  the configuration is wrong   (stderr says which, one JSON object a line)
)";

ExitCode exit_code_of(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::invalid_config:
    case ErrorCode::invalid_argument: return kBadConfig;
    case ErrorCode::permission: return kNotPermitted;
    default: return kFailed;
  }
}

ExitCode fail_with(const Error& error) {
  log_error("start_failed", error);
  return exit_code_of(error);
}

struct CommandLine {
  std::string config_file;
  bool detach = false;
  bool valid = false;
};

CommandLine read_command_line(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--detach") {
      line.detach = true;
    } else if (argument == "--config" && i + 1 < argc && line.config_file.empty()) {
      line.config_file = argv[++i];
    } else {
      return {};
    }
  }
  line.valid = !line.config_file.empty();
  return line;
}

// Signals are for the control thread's signalfd alone; every later thread inherits this.
void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGPIPE}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

ExitCode run(const CommandLine& line) {
  auto text = read_file(line.config_file, kMaxConfigBytes);
  if (!text) return fail_with(text.error());
  auto options = config::parse_edge_options(text_of(*text), line.config_file);
  if (!options) return fail_with(options.error());
  set_log_level(options->live.log_level);
  if (line.detach) {
    const auto status = edge::XdpProgram::detach(options->pin_directory);
    return status ? kStopped : fail_with(status.error());
  }
  auto edge = edge::Edge::open(*options, line.config_file);
  if (!edge) return fail_with(edge.error());
  const auto status = (*edge)->run();
  return status ? kStopped : fail_with(status.error());
}

}  // namespace

int main(int argc, char** argv) {
  const auto cores_denied = deny_core_dumps();
  open_log("parapet-edge", LogLevel::info);
  if (!cores_denied) return fail_with(cores_denied.error());
  if (argc == 2 && std::string_view(argv[1]) == "--help") return std::fputs(kHelp, stdout) < 0 ? kFailed : kStopped;
  if (argc == 2 && std::string_view(argv[1]) == "--version")
    return std::puts("parapet-edge " PARAPET_VERSION) < 0 ? kFailed : kStopped;
  const CommandLine line = read_command_line(argc, argv);
  if (!line.valid) {
    std::fputs("parapet-edge: --config FILE is needed; --help says more\n", stderr);
    return kUsage;
  }
  block_signals();
  return run(line);
}
