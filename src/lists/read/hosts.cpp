// SPDX-License-Identifier: Apache-2.0
// Format hosts: "ADDRESS NAME [NAME...]" a line, as in /etc/hosts.  hosts(5)
#include <algorithm>
#include <array>

#include "canon/host.h"
#include "lists/read/format.h"

namespace parapet::lists {
namespace {

// What every such file begins with says nothing about what to stop.
constexpr std::array<std::string_view, 14> kOfTheMachine{"localhost",     "localhost.localdomain",
                                                         "local",         "broadcasthost",
                                                         "ip6-localhost", "ip6-loopback",
                                                         "ip6-localnet",  "ip6-mcastprefix",
                                                         "ip6-allnodes",  "ip6-allrouters",
                                                         "ip6-allhosts",  "0.0.0.0",
                                                         "localhost4",    "localhost6"};

std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const auto end = std::min(rest.find_first_of(" \t"), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

bool is_address(std::string_view text) {
  const std::string bracketed = text.contains(':') ? "[" + std::string(text) + "]" : std::string(text);
  canon::Host host;
  return canon::canonicalise_host(bytes_of(bracketed), host) == canon::HostOutcome::ok && host.is_address;
}

}  // namespace

Status read_hosts(ByteView feed, const config::SourceOptions&, RowSink& sink) {
  walk_lines(feed, sink, [&](const Line& line) {
    auto rest = line.text.substr(0, line.text.find('#'));
    const auto address = take_word(rest);
    if (address.empty()) return;
    if (!is_address(address)) return sink.refuse(line.number, "does not begin with an address");
    bool any = false;
    for (auto name = take_word(rest); !name.empty(); name = take_word(rest)) {
      any = true;
      if (std::ranges::find(kOfTheMachine, name) == kOfTheMachine.end()) sink.take({line.number, name});
    }
    if (!any) sink.refuse(line.number, "has an address and no name");
  });
  return {};
}

}  // namespace parapet::lists
