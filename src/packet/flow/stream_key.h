// SPDX-License-Identifier: Apache-2.0
// What names a TCP stream, and its keyed hashes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/ids.h"
#include "digest/siphash.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

// The client is the end on the subscriber's side, whoever sent the SYN.
struct StreamKey {
  std::array<std::uint8_t, 16> client;
  std::array<std::uint8_t, 16> server;
  std::uint16_t client_port;
  std::uint16_t server_port;
  Realm realm;
  std::uint16_t is_ipv4;
  friend bool operator==(const StreamKey&, const StreamKey&) = default;
};

inline StreamKey stream_key_of(const FlowAddresses& flow, Side side, Realm realm) noexcept {
  if (side == Side::subscriber) {
    return {flow.source, flow.destination, flow.source_port, flow.destination_port, realm, flow.is_ipv4};
  }
  return {flow.destination, flow.source, flow.destination_port, flow.source_port, realm, flow.is_ipv4};
}

// SipHash under a key that is random per boot, so that nobody outside can choose a bucket or a worker.
class FlowHasher {
 public:
  explicit FlowHasher(const digest::Key& key) noexcept : key_(key) {}

  std::uint64_t stream(const StreamKey& key) const noexcept {
    return hash(kStream, key.client, key.client_port, key.server, key.server_port, key.realm, key.is_ipv4);
  }

  // Of two addresses, whatever goes on between them; the same for both directions. A fragment has nothing else.
  std::uint64_t symmetric(const FlowAddresses& flow, Realm realm) const noexcept {
    const bool in_order = std::memcmp(flow.source.data(), flow.destination.data(), 16) <= 0;
    const Address& low = in_order ? flow.source : flow.destination;
    const Address& high = in_order ? flow.destination : flow.source;
    return hash(kSteering, low, 0, high, 0, realm, flow.is_ipv4);
  }

  // Of a datagram that comes in fragments.  RFC 791 §3.2; RFC 8200 §4.5 leaves the protocol out
  std::uint64_t datagram(const FlowAddresses& flow, const FragmentPart& part, Realm realm) const noexcept {
    const auto id_high = static_cast<std::uint16_t>(part.identification >> 16);
    const auto id_low = static_cast<std::uint16_t>(part.identification);
    const std::uint64_t use = flow.is_ipv4 ? kDatagram + part.protocol : kDatagram;
    return hash(use, flow.source, id_high, flow.destination, id_low, realm, flow.is_ipv4);
  }
  std::uint64_t source(const FlowAddresses& flow, Realm realm) const noexcept {
    return hash(kSource, flow.source, 0, {}, 0, realm, flow.is_ipv4);
  }

  // One subscriber: an IPv4 address, or an IPv6 network of 64 bits.
  std::uint64_t subscriber(const StreamKey& key) const noexcept {
    digest::SipState state(key_);
    state.feed(load_le64(key.client.data()));
    state.feed(key.is_ipv4 != 0 ? load_le64(key.client.data() + 8) : 0);
    state.feed(std::uint64_t{key.realm.value} << 32 | std::uint64_t{key.is_ipv4} << 48 | kSubscriber << 56);
    return state.low();
  }

  // The identification of the n-th IPv4 header of our own: not to be guessed.
  std::uint16_t identification(std::uint64_t n) const noexcept {
    digest::SipState state(key_);
    state.feed(n);
    state.feed(kIdentification << 56);
    return static_cast<std::uint16_t>(state.low());
  }

 private:
  using Address = std::array<std::uint8_t, 16>;
  static constexpr std::uint64_t kStream = 1, kSteering = 2, kIdentification = 3, kSubscriber = 4, kSource = 5,
                                 kDatagram = 256;

  std::uint64_t hash(std::uint64_t use, const Address& a, std::uint16_t a_port, const Address& b, std::uint16_t b_port,
                     Realm realm, bool is_ipv4) const noexcept {
    digest::SipState state(key_);
    state.feed(load_le64(a.data()));
    state.feed(load_le64(a.data() + 8));
    state.feed(load_le64(b.data()));
    state.feed(load_le64(b.data() + 8));
    state.feed(std::uint64_t{a_port} | std::uint64_t{b_port} << 16 | std::uint64_t{realm.value} << 32 |
               std::uint64_t{is_ipv4} << 48 | use << 49);
    return state.low();
  }

  digest::Key key_;
};

// Coarse time for tables: one tick is 2^24 ns, about 17 ms; compared modulo 2^32, which wraps after two years.
using Tick = std::uint32_t;
constexpr Tick tick_of(std::uint64_t now_ns) noexcept { return static_cast<Tick>(now_ns >> 24); }
constexpr Tick ticks_since(Tick then, Tick now) noexcept { return now - then; }

// TCP sequence numbers: how far `a` lies behind `b`; negative where it lies before.  RFC 9293 §3.4
constexpr std::int32_t seq_distance(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::int32_t>(a - b);
}

}  // namespace parapet::packet
