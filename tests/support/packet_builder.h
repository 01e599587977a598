// SPDX-License-Identifier: Apache-2.0
// Frames for tests: Ethernet with tags, IPv4, IPv6, TCP and UDP with right checksums, and TCP conversations made of
// them.
#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "packet/decode/decode.h"
#include "support_bytes.h"

namespace parapet::support {

// Plain and slow on purpose: another way to the same sum than the product's.
inline std::uint16_t internet_checksum(std::initializer_list<ByteView> parts) {
  std::uint32_t sum = 0;
  std::size_t at = 0;  // in all of them
  for (const ByteView part : parts) {
    for (const std::uint8_t byte : part) sum += static_cast<std::uint32_t>(byte) << (at++ % 2 == 0 ? 8 : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// The two ends of a flow; both addresses are of one family.
struct Ends {
  std::string client = "192.0.2.10";
  std::string server = "198.51.100.20";
  std::uint16_t client_port = 40000;
  std::uint16_t server_port = 80;

  static Ends v6() { return {"2001:db8::10", "2001:db8:1::20", 40000, 443}; }
  bool is_ipv4() const { return client.find(':') == std::string::npos; }
};

// Builds one frame. Directions: from the client unless from_server() is said.
class PacketBuilder {
 public:
  explicit PacketBuilder(Ends ends) : ends_(std::move(ends)) {}

  PacketBuilder& from_server() {
    from_server_ = true;
    return *this;
  }
  PacketBuilder& tag(std::uint16_t vlan, std::uint16_t ethertype = 0x8100) {
    tags_.push_back({ethertype, vlan});
    return *this;
  }
  PacketBuilder& payload(ByteView bytes) {
    payload_.assign(bytes.begin(), bytes.end());
    return *this;
  }
  PacketBuilder& payload(std::string_view text) { return payload(bytes_of(text)); }
  PacketBuilder& trailer(std::size_t bytes) {
    trailer_ = bytes;
    return *this;
  }
  PacketBuilder& mss(std::uint16_t mss) {
    mss_ = mss;
    return *this;
  }
  PacketBuilder& hop_limit(std::uint8_t value) {
    hop_limit_ = value;
    return *this;
  }
  PacketBuilder& bad_checksum() {
    bad_checksum_ = true;
    return *this;
  }

  Bytes tcp(std::uint32_t seq, std::uint32_t ack, std::uint8_t flags) const {
    Bytes l4;
    l4.reserve(24 + payload_.size());
    l4.resize(mss_ == 0 ? 20 : 24);
    store_be16(l4.data(), from_server_ ? ends_.server_port : ends_.client_port);
    store_be16(l4.data() + 2, from_server_ ? ends_.client_port : ends_.server_port);
    store_be32(l4.data() + 4, seq);
    store_be32(l4.data() + 8, ack);
    l4[12] = static_cast<std::uint8_t>(l4.size() / 4 << 4);
    l4[13] = flags;
    store_be16(l4.data() + 14, 65535);
    if (mss_ != 0) {
      l4[20] = 2;
      l4[21] = 4;
      store_be16(l4.data() + 22, mss_);
    }
    l4.insert(l4.end(), payload_.begin(), payload_.end());
    return finish(std::move(l4), 6, 16);
  }

  Bytes udp() const {
    Bytes l4;
    l4.reserve(8 + payload_.size());
    l4.resize(8);
    store_be16(l4.data(), from_server_ ? ends_.server_port : ends_.client_port);
    store_be16(l4.data() + 2, from_server_ ? ends_.client_port : ends_.server_port);
    store_be16(l4.data() + 4, static_cast<std::uint16_t>(8 + payload_.size()));
    l4.insert(l4.end(), payload_.begin(), payload_.end());
    return finish(std::move(l4), 17, 6);
  }

 private:
  struct Tag {
    std::uint16_t ethertype, vlan;
  };

  Bytes finish(Bytes l4, std::uint8_t protocol, std::size_t checksum_at) const {
    const bool v4 = ends_.is_ipv4();
    const std::string& source = from_server_ ? ends_.server : ends_.client;
    const std::string& destination = from_server_ ? ends_.client : ends_.server;
    std::array<std::uint8_t, 16> from{}, to{};
    ::inet_pton(v4 ? AF_INET : AF_INET6, source.c_str(), from.data());
    ::inet_pton(v4 ? AF_INET : AF_INET6, destination.c_str(), to.data());
    const std::size_t address = v4 ? 4 : 16;

    std::array<std::uint8_t, 4> pseudo{0, protocol, 0, 0};
    store_be16(pseudo.data() + 2, static_cast<std::uint16_t>(l4.size()));
    std::uint16_t checksum =
        internet_checksum({ByteView{from}.first(address), ByteView{to}.first(address), pseudo, l4});
    if (protocol == 17 && checksum == 0) checksum = 0xffff;
    if (bad_checksum_) checksum = static_cast<std::uint16_t>(checksum + 1);
    store_be16(l4.data() + checksum_at, checksum);

    constexpr std::array<std::uint8_t, 6> kClientMac{2, 0, 0, 0, 0, 1}, kServerMac{2, 0, 0, 0, 0, 2};
    Bytes frame;
    frame.reserve(14 + 4 * tags_.size() + 40 + l4.size() + trailer_);
    append(frame, from_server_ ? kClientMac : kServerMac);
    append(frame, from_server_ ? kServerMac : kClientMac);
    for (const Tag& tag : tags_) {
      append_be16(frame, tag.ethertype);
      append_be16(frame, tag.vlan);
    }
    append_be16(frame, v4 ? 0x0800 : 0x86dd);
    std::array<std::uint8_t, 40> header{};
    const MutableBytes ip = MutableBytes{header}.first(v4 ? 20 : 40);
    if (v4) {
      ip[0] = 0x45;
      store_be16(ip.data() + 2, static_cast<std::uint16_t>(20 + l4.size()));
      ip[8] = hop_limit_;
      ip[9] = protocol;
      std::memcpy(ip.data() + 12, from.data(), 4);
      std::memcpy(ip.data() + 16, to.data(), 4);
      store_be16(ip.data() + 10, internet_checksum({ip}));
    } else {
      ip[0] = 0x60;
      store_be16(ip.data() + 4, static_cast<std::uint16_t>(l4.size()));
      ip[6] = protocol;
      ip[7] = hop_limit_;
      std::memcpy(ip.data() + 8, from.data(), 16);
      std::memcpy(ip.data() + 24, to.data(), 16);
    }
    append(frame, ip);
    append(frame, l4);
    frame.resize(frame.size() + trailer_);
    return frame;
  }

  Ends ends_;
  bool from_server_ = false;
  bool bad_checksum_ = false;
  std::uint8_t hop_limit_ = 60;
  std::uint16_t mss_ = 0;
  std::size_t trailer_ = 0;
  std::vector<Tag> tags_;
  Bytes payload_;
};

// One frame and the side it comes in from.
struct Sent {
  Bytes bytes;
  Side side;
};

// A TCP connection seen from the wire: makes its frames, keeps its numbers.
class TcpConversation {
 public:
  explicit TcpConversation(Ends ends = {}, std::uint32_t client_isn = 1000, std::uint32_t server_isn = 5000)
      : ends_(std::move(ends)), client_isn_(client_isn), server_isn_(server_isn) {}

  Sent syn() const { return client(PacketBuilder(ends_).mss(1460).tcp(client_isn_, 0, packet::kTcpSyn)); }
  Sent syn_ack() const {
    return server(PacketBuilder(ends_).from_server().mss(1400).tcp(server_isn_, client_isn_ + 1,
                                                                   packet::kTcpSyn | packet::kTcpAck));
  }
  Sent ack() const { return client(PacketBuilder(ends_).tcp(client_isn_ + 1, server_next(), packet::kTcpAck)); }
  std::vector<Sent> handshake() const { return {syn(), syn_ack(), ack()}; }

  // Client bytes at an offset of its stream.
  Sent data(std::size_t offset, ByteView bytes, std::uint8_t flags = packet::kTcpAck | packet::kTcpPsh) const {
    return client(PacketBuilder(ends_).payload(bytes).tcp(seq(offset), server_next(), flags));
  }
  Sent data(std::size_t offset, std::string_view text) const { return data(offset, bytes_of(text)); }
  // The server acknowledges the client's first `count` bytes.
  Sent server_ack(std::size_t count) const {
    return server(PacketBuilder(ends_).from_server().tcp(server_next(), seq(count), packet::kTcpAck));
  }
  // The server sends bytes; from then on the client acknowledges them.
  Sent answer(std::string_view text, std::size_t acknowledged) {
    Sent sent = server(PacketBuilder(ends_).from_server().payload(text).tcp(server_next(), seq(acknowledged),
                                                                            packet::kTcpAck | packet::kTcpPsh));
    server_sent_ += static_cast<std::uint32_t>(text.size());
    return sent;
  }

  std::uint32_t seq(std::size_t offset) const { return client_isn_ + 1 + static_cast<std::uint32_t>(offset); }
  std::uint32_t server_next() const { return server_isn_ + 1 + server_sent_; }
  const Ends& ends() const { return ends_; }

 private:
  static Sent client(Bytes bytes) { return {std::move(bytes), Side::subscriber}; }
  static Sent server(Bytes bytes) { return {std::move(bytes), Side::transit}; }

  Ends ends_;
  std::uint32_t client_isn_, server_isn_;
  std::uint32_t server_sent_ = 0;
};

}  // namespace parapet::support
