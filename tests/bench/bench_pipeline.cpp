// SPDX-License-Identifier: Apache-2.0
// Nanoseconds per frame of the packet path on one core: bulk, hellos, requests, DNS. Not part of the test suite.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "packet/pipeline/pipeline.h"
#include "packet_builder.h"
#include "requests.h"
#include "tiny_list.h"

namespace {

using namespace parapet;
using namespace parapet::packet;
using support::Bytes;
using support::Ends;
using support::PacketBuilder;
using support::Sent;
using support::TcpConversation;

constexpr std::size_t kStreams = 20000;

Ends nth(std::size_t n, std::uint16_t server_port) {
  return {"192.0.2." + std::to_string(1 + n % 250), "198.51.100.20", static_cast<std::uint16_t>(1024 + n / 250),
          server_port};
}

// Best of five runs over copies of the same frames, each with a pipeline of its own.
void measure(const char* what, const std::vector<Sent>& warm_up, const std::vector<Sent>& sent) {
  static const support::TinyList list{"domain:listed.example.test", "url:http://mixed.example.test/bad"};
  double best = 1e9;
  for (int run = 0; run < 5; ++run) {
    counters::WorkerBlock block{};
    auto pipeline = std::move(*Pipeline::create({}, {1, 2}, support::kTestKey, block));
    Nanoseconds now = 1'000'000'000;
    const auto play = [&](const std::vector<Sent>& frames) {
      std::vector<Sent> copies = frames;
      std::vector<Frame> burst(kMaxBurst);
      std::vector<Fate> fates(kMaxBurst);
      InjectionQueue injections;
      const auto start = std::chrono::steady_clock::now();
      for (std::size_t at = 0; at < copies.size(); at += kMaxBurst) {
        const std::size_t count = std::min(kMaxBurst, copies.size() - at);
        for (std::size_t i = 0; i < count; ++i) {
          Sent& one = copies[at + i];
          burst[i] = {one.bytes.data(), static_cast<std::uint32_t>(one.bytes.size()), one.side, {}, LinkType::ethernet};
        }
        injections.clear();
        pipeline->process({burst.data(), count}, {fates.data(), count}, &list.snapshot(), now, injections);
        now += 10'000;
      }
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
      return took.count() / static_cast<double>(copies.size());
    };
    if (!warm_up.empty()) play(warm_up);
    best = std::min(best, play(sent));
  }
  std::printf("%-44s %7.1f ns/frame  %6.2f Mframes/s\n", what, best, 1000 / best);
}

std::vector<Sent> for_streams(std::uint16_t port,
                              const std::function<void(const TcpConversation&, std::vector<Sent>&)>& add) {
  std::vector<Sent> all;
  for (std::size_t n = 0; n < kStreams; ++n) {
    add(TcpConversation(nth(n, port), static_cast<std::uint32_t>(n * 7919), static_cast<std::uint32_t>(n * 104729)),
        all);
  }
  return all;
}

}  // namespace

int main() {
  const Bytes hello = support::client_hello("www.example.test", 430);
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
  measure("download: 1,400 bytes from transit", settled, for_streams(443, [&](const auto& talk, auto& all) {
            TcpConversation copy = talk;
            all.push_back(copy.answer(support::to_text(data), hello.size() + data.size()));
          }));
  measure("upload: 1,400 bytes of settled TLS", settled, for_streams(443, [&](const auto& talk, auto& all) {
            all.push_back(talk.data(hello.size() + data.size(), ByteView{data}));
          }));
  measure("client ACK without payload", settled,
          for_streams(443, [](const auto& talk, auto& all) { all.push_back(talk.ack()); }));
  measure("SYN, SYN-ACK, ACK", {}, handshakes);
  measure("unlisted hello, 517 bytes", handshakes,
          for_streams(443, [&](const auto& talk, auto& all) { all.push_back(talk.data(0, ByteView{hello})); }));
  measure("listed hello, dropped, two resets", handshakes,
          for_streams(443, [&](const auto& talk, auto& all) { all.push_back(talk.data(0, ByteView{listed})); }));
  measure("HTTP request", handshakes,
          for_streams(443, [&](const auto& talk, auto& all) { all.push_back(talk.data(0, request)); }));
  measure("DNS query", {}, for_streams(53, [](const auto& talk, auto& all) {
            all.push_back(
                {PacketBuilder(talk.ends()).payload(support::dns_query({"www.example.test"})).udp(), Side::subscriber});
          }));
  return 0;
}
