// SPDX-License-Identifier: Apache-2.0
// From frames to what was asked for.
#include "server.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dns_reading.h"
#include "http_reading.h"
#include "ip_packet.h"
#include "tls_reading.h"

namespace parapet::cases {
namespace {

void append(std::vector<Request>& to, const std::vector<Request>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// HTTP in every manner, and what follows a CONNECT in any language.
std::vector<Request> read_http_all(std::string_view text) {
  constexpr std::array<HttpManners, 5> kManners{{
      {false, false, false},
      {true, false, false},
      {true, true, false},
      {true, false, true},
      {true, true, true},
  }};
  std::vector<Request> out;
  for (const HttpManners& manners : kManners) {
    const HttpReading reading = read_http(text, manners);
    append(out, reading.requests);
    if (reading.tunnel.empty()) continue;
    const bool tls = reading.tunnel.front() == '\x16';
    append(out, tls ? read_tls(bytes_of(reading.tunnel)) : read_http_all(reading.tunnel));
  }
  return out;
}

}  // namespace

Server::Server(std::string address, Manners manners) : address_(support::address_bytes(address)), manners_(manners) {}

std::vector<ServerAnswer> Server::take(ByteView frame, Nanoseconds now) {
  Bytes bytes = ip_packet_of(frame);
  for (int depth = 0; depth < 8 && !bytes.empty(); ++depth) {
    std::optional<IpReading> packet = read_ip(bytes);
    if (!packet) return {};
    if (packet->fragmented) {
      packet = reassembly_.take(*packet, now);
      if (!packet) return {};
    }
    if (packet->destination == address_) {
      return packet->hop_limit < manners_.hops ? std::vector<ServerAnswer>{} : take_packet(*packet, now);
    }
    bytes = tunnelled_packet_of(*packet);
  }
  return {};
}

std::vector<ServerAnswer> Server::take_packet(const IpReading& packet, Nanoseconds now) {
  const ByteView l4{packet.payload};
  if (packet.protocol == 17) take_datagram(packet);
  if (packet.protocol != 6 || l4.size() < 20) return {};
  const std::uint16_t port = load_be16(l4.data());
  TcpReceiver& connection = connections_.try_emplace(port, manners_.tcp).first->second;
  std::vector<ServerAnswer> answers;
  for (const TcpReply& reply : connection.take(l4, packet.source, packet.destination, now)) {
    answers.push_back({port, reply});
  }
  return answers;
}

void Server::take_datagram(const IpReading& packet) {
  const ByteView l4{packet.payload};
  if (l4.size() < 8) return;
  const std::size_t length = load_be16(l4.data() + 4);
  if (length < 8 || length > l4.size()) return;
  const bool v4 = packet.source.size() == 4, unsummed = load_be16(l4.data() + 6) == 0;
  if (unsummed && !v4) return;
  const Bytes pseudo = support::pseudo_header(packet.source, packet.destination, 17, length);
  if (!unsummed && support::internet_checksum({pseudo, l4.first(length)}) != 0) return;
  datagrams_.emplace_back(l4.begin() + 8, l4.begin() + static_cast<std::ptrdiff_t>(length));
}

std::vector<Request> Server::requests(Language language) const {
  std::vector<Request> out;
  if (language == Language::dns) {
    for (const Bytes& datagram : datagrams_) append(out, read_dns(datagram));
    return out;
  }
  for (const auto& [port, connection] : connections_) {
    for (const Bytes& stream : connection.streams()) {
      if (language == Language::http) append(out, read_http_all(support::to_text(stream)));
      if (language == Language::tls) append(out, read_tls(stream));
      if (language == Language::dns_tcp) append(out, read_dns_stream(stream));
    }
  }
  return out;
}

bool Server::has_stream_of(ByteView bytes) const {
  for (const auto& [port, connection] : connections_) {
    for (const Bytes& stream : connection.streams()) {
      if (stream.size() >= bytes.size() && std::equal(bytes.begin(), bytes.end(), stream.begin())) return true;
    }
  }
  return false;
}

bool Server::has_datagrams(const std::vector<Bytes>& datagrams) const {
  return std::all_of(datagrams.begin(), datagrams.end(), [&](const Bytes& datagram) {
    return std::find(datagrams_.begin(), datagrams_.end(), datagram) != datagrams_.end();
  });
}

const TcpReceiver* Server::connection(std::uint16_t client_port) const {
  const auto found = connections_.find(client_port);
  return found == connections_.end() ? nullptr : &found->second;
}

std::uint32_t Server::send(std::uint16_t client_port, std::uint32_t count) {
  const auto found = connections_.find(client_port);
  return found == connections_.end() ? 0 : found->second.send(count);
}

}  // namespace parapet::cases
