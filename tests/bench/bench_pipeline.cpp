// SPDX-License-Identifier: Apache-2.0
// Nanoseconds a frame of the packet path on one core, by what the frame is. Not part of the test suite; tools/bench
// runs it.
//   bench_pipeline [--json] [--case NAME] [ROUNDS]   default: a table, all cases, 7 rounds
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <vector>

#include "measure.h"
#include "packet_builder.h"
#include "quic_builder.h"
#include "requests.h"
#include "tiny_list.h"

namespace {

using namespace parapet;
using support::Bytes;
using support::Ends;
using support::PacketBuilder;
using support::Sent;
using support::TcpConversation;

// So many that no pool of the defaults runs short.
constexpr std::size_t kStreams = 12000, kQuicConnections = 1500;

struct Case {
  const char* name;  // one word; what comparisons go by
  const char* what;
  std::vector<Sent> warm_up;
  std::vector<Sent> sent;
};

Ends nth(std::size_t n, std::uint16_t server_port) {
  return {"192.0.2." + std::to_string(1 + n % 250), "198.51.100.20", static_cast<std::uint16_t>(1024 + n / 250),
          server_port};
}

std::vector<Sent> for_streams(std::uint16_t port, const std::function<void(TcpConversation, std::vector<Sent>&)>& add) {
  std::vector<Sent> all;
  for (std::size_t n = 0; n < kStreams; ++n) {
    add(TcpConversation(nth(n, port), static_cast<std::uint32_t>(n * 7919), static_cast<std::uint32_t>(n * 104729)),
        all);
  }
  return all;
}

std::vector<Case> make_cases() {
  const Bytes hello = support::client_hello("www.example.test", 430);
  const Bytes long_hello = support::client_hello("www.example.test", 1700);
  const Bytes listed = support::client_hello("listed.example.test", 430);
  const std::string request = support::get("www.example.test", "/some/path?with=query");
  const Bytes data = support::application_data(1400);
  const auto handshakes = for_streams(443, [](const auto& talk, auto& all) {
    for (const Sent& sent : talk.handshake()) all.push_back(sent);
  });
  const auto settled = for_streams(443, [&](const auto& talk, auto& all) {
    for (const Sent& sent : talk.handshake()) all.push_back(sent);
    all.push_back(talk.data(0, hello));
    all.push_back(talk.data(hello.size(), ByteView{data}));
    all.push_back(talk.server_ack(hello.size() + data.size()));
  });
  const auto each = [](const Bytes& bytes) {
    return for_streams(443, [&](const auto& talk, auto& all) { all.push_back(talk.data(0, ByteView{bytes})); });
  };
  std::vector<Case> cases;
  cases.push_back({"bulk_down", "download: 1,400 bytes from transit", settled,
                   for_streams(443, [&](TcpConversation talk, auto& all) {
                     all.push_back(talk.answer(support::to_text(data), hello.size() + data.size()));
                   })});
  cases.push_back(
      {"bulk_up", "upload: 1,400 bytes of settled TLS", settled, for_streams(443, [&](const auto& talk, auto& all) {
         all.push_back(talk.data(hello.size() + data.size(), ByteView{data}));
       })});
  cases.push_back({"ack", "client ACK without payload", settled,
                   for_streams(443, [](const auto& talk, auto& all) { all.push_back(talk.ack()); })});
  cases.push_back({"handshake", "SYN, SYN-ACK, ACK", {}, handshakes});
  cases.push_back({"hello", "unlisted hello, 517 bytes", handshakes, each(hello)});
  cases.push_back({"hello_2", "unlisted hello over two segments, each", handshakes,
                   for_streams(443, [&](const auto& talk, auto& all) {
                     all.push_back(talk.data(0, ByteView{long_hello}.first(1400)));
                     all.push_back(talk.data(1400, ByteView{long_hello}.subspan(1400)));
                   })});
  cases.push_back({"hello_listed", "listed hello, dropped, two resets", handshakes, each(listed)});
  cases.push_back({"http", "HTTP request", handshakes, each(support::to_bytes(request))});
  cases.push_back({"dns", "DNS query", {}, for_streams(53, [](const auto& talk, auto& all) {
                     all.push_back({PacketBuilder(talk.ends()).payload(support::dns_query({"www.example.test"})).udp(),
                                    Side::subscriber});
                   })});
  std::vector<Sent> initials;
  for (std::size_t n = 0; n < kQuicConnections; ++n) {
    const Bytes message = support::TlsHello().padding(400).server_name("www.example.test").message();
    const Bytes datagram = support::QuicInitial(support::quic_id(n)).crypto(0, message).padded_to(1200).seal();
    initials.push_back({PacketBuilder(nth(n, 443)).payload(datagram).udp(), Side::subscriber});
  }
  cases.push_back({"initial", "QUIC Initial, unlisted hello, 1,200 bytes", {}, initials});
  cases.push_back({"udp", "other UDP, 1,200 bytes", {}, for_streams(3478, [](const auto& talk, auto& all) {
                     all.push_back({PacketBuilder(talk.ends()).payload(Bytes(1200, 0x5a)).udp(), Side::subscriber});
                   })});
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  int rounds = 7;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      json = true;
    } else if (argument == "--case" && i + 1 < argc) {
      only = argv[++i];
    } else {
      rounds = std::max(1, std::atoi(argv[i]));
    }
  }
  const support::TinyList list{"domain:listed.example.test", "url:http://mixed.example.test/bad"};
  if (!json) std::printf("%-42s %9s %9s %9s\n", "ns a frame, one core", "least", "median", "most");
  for (const Case& one : make_cases()) {
    if (!only.empty() && one.name != only) continue;
    const bench::Timing timing = bench::measure(list.snapshot(), one.warm_up, one.sent, rounds);
    if (json) {
      std::printf("{\"case\":\"%s\",\"what\":\"%s\",\"ns\":[", one.name, one.what);
      for (std::size_t i = 0; i < timing.ns.size(); ++i) std::printf("%s%.1f", i > 0 ? "," : "", timing.ns[i]);
      std::puts("]}");
    } else {
      std::printf("%-42s %9.1f %9.1f %9.1f\n", one.what, timing.least(), timing.median(), timing.most());
    }
    std::fflush(stdout);
  }
  return 0;
}
