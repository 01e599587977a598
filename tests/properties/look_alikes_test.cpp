// SPDX-License-Identifier: Apache-2.0
// Names and URLs that only look like listed ones are never stopped: longer and shorter ones, neighbours under the same
// public suffix, the parent of a listed host, a listed path on another host.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>  // wants gtest before it

#include <ostream>

#include "message_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

const std::string kDomain = "forest.example.test", kUrlHost = "mixed.example.test";
constexpr std::size_t kFlowsAtOnce = 20;

enum class Way { http, tls, dns };

// A benign flow: how a listed name is bent, and what asks for it.
struct Flow {
  Way way;
  bool ipv6;
  std::uint8_t bend;
  std::string letters;  // small letters, at least one
};

// Never a listed name, and never one below the listed domain.
std::string name_of(const Flow& flow) {
  const std::string& x = flow.letters;
  switch (flow.bend % 14) {
    case 0: return x + kListed;  // no label border before it
    case 1: return x + "-" + kListed;
    case 2: return x + "." + kListed;            // below a host entry
    case 3: return kListed + "." + x + ".test";  // it goes on
    case 4: return kListed + x;
    case 5: return x + kDomain;  // no label border before the domain
    case 6: return kDomain + x;
    case 7: return x + ".example.test";                            // a neighbour
    case 8: return "example.test";                                 // the parent of all
    case 9: return "test";                                         // the public suffix
    case 10: return "listed." + x + ".test";                       // the same first label
    case 11: return kListed.substr(0, 6) + x + kListed.substr(6);  // letters within
    case 12: return kUrlHost;                                      // only its URLs are listed
    default: return "a." + x + "." + x + "." + kUrlHost;
  }
}
// On the host whose URLs are listed, a path that is not; on others any, the listed one too.
std::string path_of(const Flow& flow) {
  const std::string& x = flow.letters;
  if (name_of(flow) != kUrlHost) return flow.bend % 2 == 0 ? "/listed/page.html" : "/hidden/" + x;
  switch (flow.bend / 14 % 6) {
    case 0: return "/listed/page.html" + x;
    case 1: return "/listed/" + x;
    case 2: return "/hidden" + x + "/page.html";  // the prefix ends within a segment
    case 3: return "/" + x + "/listed/page.html";
    case 4: return "/listed/page.html?" + x;
    default: return "/" + x + "?u=/listed/page.html";
  }
}

// What a failed property is shown as.
std::ostream& operator<<(std::ostream& out, const Flow& flow) {
  return out << "way " << static_cast<int>(flow.way) << (flow.ipv6 ? " ipv6 " : " ") << name_of(flow) << path_of(flow)
             << '\n';
}

bool is_listed(const std::string& name) { return name == kListed || name == kDomain || name.ends_with("." + kDomain); }

Rig& rig() {
  static Rig rig({"host:" + kListed, "domain:" + kDomain, "url:http://" + kUrlHost + "/listed/page.html",
                  "prefix:http://" + kUrlHost + "/hidden/"});
  return rig;
}

// Whether it went on bit for bit.
bool passes(const Sent& sent) {
  const Seen seen = rig().send(sent);
  return seen.forwarded() && seen.bytes == sent.bytes && seen.injections.empty();
}

// `number`: of the flow; ends come again, numbers do not.
bool passes(const Flow& flow, std::uint32_t number) {
  const std::string name = name_of(flow);
  Ends ends = flow.ipv6 ? Ends::v6() : Ends{};
  ends.client_port = static_cast<std::uint16_t>(1024 + number % 60000);
  if (flow.way == Way::dns) {
    ends.server_port = 53;
    return passes({PacketBuilder(ends).payload(support::dns_query(name)).udp(), Side::subscriber});
  }
  TcpConversation talk(ends, number * 2654435761u, number * 2246822519u);
  for (const Sent& sent : talk.handshake()) {
    if (!passes(sent)) return false;
  }
  const std::string message = flow.way == Way::tls ? support::to_text(support::TlsHello().server_name(name).record())
                                                   : support::get(name, path_of(flow));
  return passes(talk.data(0, message)) && passes(talk.server_ack(message.size()));
}

rc::Gen<Flow> flows() {
  const auto letters = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', '{')));
  return rc::gen::build<Flow>(
      rc::gen::set(&Flow::way, rc::gen::element(Way::http, Way::tls, Way::dns)), rc::gen::set(&Flow::ipv6),
      rc::gen::set(&Flow::bend),
      rc::gen::set(&Flow::letters, rc::gen::map(letters, [](const std::string& text) { return text.substr(0, 40); })));
}

RC_GTEST_PROP(LookAlikes, AreNeverStopped, ()) {
  static std::uint32_t number = 0;
  for (const Flow& flow : *rc::gen::container<std::vector<Flow>>(kFlowsAtOnce, flows())) {
    ++number;
    if (is_listed(name_of(flow))) continue;
    RC_ASSERT(passes(flow, number));
  }
  rig().wait(kNanosecondsPerSecond);
}

TEST(LookAlikes, AreCountedAsPassed) {
  for (const Protocol protocol : {Protocol::http, Protocol::tls, Protocol::dns}) {
    EXPECT_EQ(rig().requests(protocol, Verdict::block), 0u);
    EXPECT_GT(rig().requests(protocol, Verdict::pass), 0u);
  }
}

}  // namespace
}  // namespace parapet::packet
