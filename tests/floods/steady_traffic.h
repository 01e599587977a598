// SPDX-License-Identifier: Apache-2.0
// Ordinary clients beside a flood: many conversations at once, some of them for listed names, each frame of them far
// from the next. Each must come out as it would on a quiet line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fragment_builder.h"
#include "packet/pipeline/pipeline.h"
#include "packet_builder.h"
#include "quic_builder.h"
#include "requests.h"

namespace parapet::floods {

enum class Asks : std::uint8_t { http, tls, dns, quic, fragments, count_ };
inline constexpr std::size_t kAsks = static_cast<std::size_t>(Asks::count_);
inline constexpr std::uint64_t kListedShare = 16;  // of so many requests one is listed: still some hundred a second
inline constexpr const char* kAsksNames[kAsks] = {"http", "tls", "dns", "quic", "frags"};

// One client's frames; the one at `completing` makes its request whole.
struct Conversation {
  std::vector<support::Sent> frames;
  std::size_t completing;
  std::size_t next = 0;
  Asks asks;
  bool listed;
};

// A hello over two Initials, of one of some connections that were sealed beforehand: sealing is slow.
inline Conversation make_quic_conversation(const support::Ends& ends, const std::string& name, bool listed,
                                           std::uint64_t n) {
  static std::map<std::string, std::vector<support::Bytes>> sealed;
  std::vector<support::Bytes>& pairs = sealed[name];
  constexpr std::uint64_t kIds = 64;
  if (pairs.empty()) {
    const support::Bytes hello = support::TlsHello().padding(300).server_name(name).message();
    for (std::uint64_t id = 1000; id < 1000 + kIds; ++id) {
      const std::size_t half = hello.size() / 2;
      const support::QuicInitial first(support::quic_id(id));
      pairs.push_back(support::QuicInitial(first).crypto(0, ByteView{hello}.first(half)).padded_to(1200).seal());
      pairs.push_back(
          support::QuicInitial(first).number(1).crypto(half, ByteView{hello}.subspan(half)).padded_to(1200).seal());
    }
  }
  Conversation made{{}, 1, 0, Asks::quic, listed};
  for (std::size_t i = 0; i < 2; ++i) {
    const support::Bytes& initial = pairs[n % kIds * 2 + i];
    made.frames.push_back({support::PacketBuilder(ends).payload(initial).udp(), Side::subscriber});
  }
  return made;
}

inline Conversation make_conversation(std::uint64_t n) {
  const auto asks = static_cast<Asks>(n % kAsks);
  const bool listed = n / kAsks % kListedShare == 0;
  const std::string name = listed ? "www.listed.example.test" : "www.benign.example.test";
  const bool of_dns = asks == Asks::dns || asks == Asks::fragments;
  const std::uint16_t port = asks == Asks::http ? 80 : of_dns ? 53 : 443;
  const support::Ends ends{"192.0.2." + std::to_string(1 + n % 250), "203.0.113.20",
                           static_cast<std::uint16_t>(1024 + n / 250 % 60000), port};
  if (of_dns) {
    const support::Sent query{support::PacketBuilder(ends).payload(support::dns_query({name})).udp(), Side::subscriber};
    if (asks == Asks::dns) return {{query}, 0, 0, asks, listed};
    return {support::fragments(query, {24}, static_cast<std::uint32_t>(n / 250)), 1, 0, asks, listed};
  }
  if (asks == Asks::quic) return make_quic_conversation(ends, name, listed, n);
  const support::Bytes request = asks == Asks::http ? support::to_bytes(support::get(name, "/path?with=query"))
                                                    : support::client_hello(name, 300, 200);
  const support::TcpConversation talk(ends, static_cast<std::uint32_t>(n * 7919),
                                      static_cast<std::uint32_t>(n * 104729));
  Conversation made{talk.handshake(), 0, 0, asks, listed};
  const std::size_t half = request.size() / 2;
  made.frames.push_back(talk.data(0, ByteView{request}.first(half)));
  made.frames.push_back(talk.server_ack(half));
  made.frames.push_back(talk.data(half, ByteView{request}.subspan(half)));
  made.completing = made.frames.size() - 1;
  if (!listed) made.frames.push_back(talk.server_ack(request.size()));
  return made;
}

// How the conversations came out.
struct Outcome {
  std::uint64_t blocked[kAsks]{}, passed[kAsks]{};
  std::uint64_t missed[kAsks]{}, stopped[kAsks]{};  // listed and served; unlisted and not

  bool is_right() const {
    for (std::size_t i = 0; i < kAsks; ++i) {
      if (missed[i] + stopped[i] > 0) return false;
    }
    return true;
  }
};

// Deals out frames of many conversations in turn.
class SteadyTraffic {
 public:
  explicit SteadyTraffic(std::size_t at_once) {
    for (std::size_t i = 0; i < at_once; ++i) open_.push_back(make_conversation(begun_++));
  }

  // The next frame. It stays where it is until judge() says what became of it.
  support::Sent& next() { return open_[turn_].frames[open_[turn_].next]; }
  void judge(const packet::Fate& fate) {
    Conversation& talk = open_[turn_];
    const bool forwarded = forwards(fate.reason);
    const auto which = static_cast<std::size_t>(talk.asks);
    if (talk.next == talk.completing) {
      if (talk.listed) ++(forwarded ? outcome_.missed : outcome_.blocked)[which];
      if (!talk.listed && forwarded) ++outcome_.passed[which];
    }
    if (!talk.listed && !forwarded) ++outcome_.stopped[which];
    if (++talk.next == talk.frames.size()) talk = make_conversation(begun_++);
    turn_ = (turn_ + 1) % open_.size();
  }

  const Outcome& outcome() const noexcept { return outcome_; }
  void forget() noexcept { outcome_ = {}; }

 private:
  std::vector<Conversation> open_;
  std::size_t turn_ = 0;
  std::uint64_t begun_ = 0;
  Outcome outcome_;
};

}  // namespace parapet::floods
