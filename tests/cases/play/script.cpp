// SPDX-License-Identifier: Apache-2.0
// Reading steps.
#include "script.h"

#include <set>
#include <sstream>
#include <stdexcept>

namespace parapet::cases {
namespace {

const std::set<std::string> kVerbs{"handshake", "syn",  "ack",    "client",  "control", "hold",
                                   "fragment",  "wait", "answer", "connect", "forge"};
const std::set<std::string> kOptions{// how many frames, in which order
                                     "in", "order", "twice", "lost", "elsewhere",
                                     // what bytes
                                     "bytes", "extra",
                                     // TCP and UDP
                                     "seq", "ack", "flags", "urgent", "window", "offset", "checksum", "isn", "ts",
                                     "md5", "mss", "scale", "mptcp", "tfo", "udp_length",
                                     // IP
                                     "ttl", "id", "fragments", "ip_length", "ip_checksum", "ip_options", "extensions",
                                     "late_extensions", "trailer",
                                     // a fragment alone
                                     "more", "at"};

}  // namespace

long Step::number(const std::string& option, long fallback) const {
  const auto found = options.find(option);
  return found == options.end() ? fallback : std::stol(found->second, nullptr, 0);
}

std::vector<Step> parse_script(std::string_view text) {
  std::vector<Step> steps;
  std::istringstream lines{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto fail = [&](const std::string& what) {
      throw std::invalid_argument("step " + std::to_string(number) + ": " + what);
    };
    std::istringstream words(line.substr(0, line.find('#')));
    Step step;
    step.line = number;
    if (!(words >> step.verb)) continue;
    if (!kVerbs.contains(step.verb)) fail("no verb " + step.verb);
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      const auto dots = word.find("..");
      if (equals == std::string::npos && dots != std::string::npos) {
        step.from = word.substr(0, dots);
        step.to = word.substr(dots + 2);
        continue;
      }
      const std::string name = word.substr(0, equals);
      const bool wait = step.verb == "wait" && equals == std::string::npos;
      if (wait) {
        step.options["seconds"] = word;
      } else if (!kOptions.contains(name)) {
        fail("no option " + name);
      } else {
        step.options[name] = equals == std::string::npos ? "" : word.substr(equals + 1);
      }
    }
    steps.push_back(step);
  }
  return steps;
}

}  // namespace parapet::cases
