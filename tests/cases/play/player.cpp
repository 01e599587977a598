// SPDX-License-Identifier: Apache-2.0
// Steps into packets.
#include "player.h"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "position.h"

namespace parapet::cases {
namespace {

using support::Extension;
using support::IpPacket;
using support::TcpSegment;

constexpr std::size_t kSegmentSize = 1400;  // where a step says no other
constexpr std::size_t kMaxSegments = 500;   // of a step; a long message is cut into larger ones

std::uint8_t flags_of(const std::string& letters) {
  std::uint8_t flags = 0;
  for (const char c : letters) {
    const auto at = std::string("FSRPAUEC").find(c);
    if (at == std::string::npos) throw std::invalid_argument("flags: F S R P A U E C, not " + letters);
    flags = static_cast<std::uint8_t>(flags | 1u << at);
  }
  return flags;
}

std::vector<Extension> extensions_of(const std::string& names) {
  std::vector<Extension> out;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(',', at), names.size());
    const std::string name = names.substr(at, end - at);
    at = end + 1;
    if (name == "hop") {
      out.push_back({support::kIpHopByHop, {1, 4, 0, 0, 0, 0}});
    } else if (name == "destination") {
      out.push_back({support::kIpDestination, {1, 4, 0, 0, 0, 0}});
    } else if (name == "long") {
      Bytes body{1, 252};
      body.resize(254);
      out.push_back({support::kIpDestination, body});
    } else if (name == "routing") {
      out.push_back({support::kIpRouting, {4, 0, 0, 0, 0, 0}});  // no segments left
    } else if (name == "authentication") {
      out.push_back({support::kIpAuthentication, Bytes(22, 1)});
    } else {
      throw std::invalid_argument("no extension " + name);
    }
  }
  return out;
}

// The packet's payload behind these headers, which then travel inside of its fragments.
void put_behind(IpPacket& packet, const std::vector<Extension>& extensions) {
  for (std::size_t i = extensions.size(); i-- > 0;) {
    Bytes header{packet.protocol, 0};
    support::append(header, ByteView{extensions[i].body});
    header.resize((header.size() + 7) / 8 * 8);
    header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
    support::append(header, ByteView{packet.payload});
    packet.payload = header;
    packet.protocol = extensions[i].type;
  }
}

// Of each segment or datagram; where it goes in fragments, those are doubled instead.
int copies_of(const Step& step) { return step.has("twice") && !step.has("fragments") ? 2 : 1; }

Wire::Path path_of(const Step& step) {
  if (step.has("elsewhere")) return Wire::Path::elsewhere;
  return step.has("lost") ? Wire::Path::lost_behind : Wire::Path::through;
}

template <typename T>
void arrange(std::vector<T>& pieces, const Step& step) {
  const std::string order = step.text("order", "forward");
  if (order == "reverse") {
    std::reverse(pieces.begin(), pieces.end());
  } else if (order == "shuffled") {
    std::shuffle(pieces.begin(), pieces.end(), std::mt19937(7));
  } else if (order != "forward") {
    throw std::invalid_argument("order: forward, reverse, shuffled");
  }
}

}  // namespace

Player::Player(Wire& wire, const Says& says, std::uint32_t client_isn)
    : wire_(wire),
      says_(says),
      client_isn_(client_isn),
      client_port_(wire.options().ends.client_port),
      identification_(client_isn ^ 0x5a5a) {}

void Player::play(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    try {
      play(step);
    } catch (const std::exception& error) {
      throw std::invalid_argument("step " + std::to_string(step.line) + ": " + error.what());
    }
  }
}

void Player::send_rest() {
  const Step again{"client", {}, {}, {}, 0};
  for (const IpPacket& packet : behind_held_) send(again, packet);
  if (says_.datagrams) return;
  const std::size_t end = says_.message.bytes.size();
  for (std::optional<std::size_t> before;;) {
    const TcpReceiver* server = wire_.connection(client_port_);
    if (server == nullptr || !server->is_established()) return;
    const std::size_t begin = server->next_expected() - client_isn_ - 1;
    if (begin >= end || before == begin) return;
    before = begin;
    send(again, data_packet(again, says_.message, begin, std::min(end, begin + kSegmentSize)));
  }
}

void Player::play(const Step& step) {
  if (step.verb == "client" || step.verb == "hold") return play_client(step);
  if (step.verb == "fragment") return play_fragment(step);
  if (step.verb == "wait") return wire_.wait(step.number("seconds") * kNanosecondsPerSecond);
  if (step.verb == "connect") {
    ++client_port_;
    client_isn_ += 0x00345678;
  }
  if (says_.datagrams) return;
  if (step.verb == "handshake") {
    send_syn(step);
    send_control(step, packet::kTcpAck);
  } else if (step.verb == "syn") {
    send_syn(step);
  } else if (step.verb == "ack" || step.verb == "control") {
    send_control(step, packet::kTcpAck);
  } else if (step.verb == "answer") {
    wire_.answer(client_port_, 100);
  } else if (step.verb == "forge") {
    TcpSegment forged = segment(step, 0, packet::kTcpAck);
    std::swap(forged.source_port, forged.destination_port);
    std::swap(forged.seq, forged.ack);
    wire_.forge(forged);
  }
}

void Player::play_client(const Step& step) {
  const MarkedBytes from = bytes_of(step);
  const std::size_t begin = place_of(step.from, says_.message), end = place_of(step.to, says_.message);
  if (begin > end) throw std::invalid_argument("the range ends before it begins");
  if (step.verb == "hold") return hold(step, begin, end);
  if (says_.datagrams) return send_datagrams(step, from);
  struct Piece {
    std::size_t begin, end;
  };
  std::vector<Piece> pieces;
  const std::size_t size =
      std::max(static_cast<std::size_t>(step.number("in", kSegmentSize)), (end - begin) / kMaxSegments);
  for (std::size_t at = begin; at < end; at += size) {
    for (int i = copies_of(step); i > 0; --i) pieces.push_back({at, std::min(end, at + size)});
  }
  if (!step.has("fragments")) arrange(pieces, step);
  for (const Piece& piece : pieces) send(step, data_packet(step, from, piece.begin, piece.end));
}

void Player::send_datagrams(const Step& step, const MarkedBytes& from) {
  std::vector<IpPacket> packets;
  for (const MarkedBytes::Datagram& datagram : datagrams_of(from)) {
    for (int i = copies_of(step); i > 0; --i) packets.push_back(datagram_packet(step, datagram.bytes));
  }
  if (!step.has("fragments")) arrange(packets, step);
  for (const IpPacket& packet : packets) send(step, packet);
}

// Makes a packet of these bytes. Of several datagrams it is the first, and the others follow in the end.
void Player::hold(const Step& step, std::size_t begin, std::size_t end) {
  if (!says_.datagrams) {
    held_ = data_packet(step, says_.message, begin, end);
    held_other_ = data_packet(step, says_.other, begin, end);
  } else {
    const std::vector<MarkedBytes::Datagram> all = datagrams_of(says_.message);
    held_ = datagram_packet(step, all.front().bytes);
    held_other_ = datagram_packet(step, datagrams_of(says_.other).front().bytes);
    for (std::size_t i = 1; i < all.size(); ++i) behind_held_.push_back(datagram_packet(step, all[i].bytes));
  }
  held_other_.identification = held_.identification;
  held_places_ = {held_.payload};
  if (!says_.message.name) return;
  const std::size_t skipped = says_.datagrams ? 0 : begin;
  const std::size_t before = says_.datagrams ? 8 : held_.payload.size() - (end - begin);
  held_places_.name = {says_.message.name->begin + before - skipped, says_.message.name->end + before - skipped};
}

void Player::play_fragment(const Step& step) {
  const auto rounded = [&](const std::string& marker) {
    const std::size_t place = place_of(marker, held_places_);
    return place == held_.payload.size() ? place : place / 8 * 8;
  };
  const IpPacket& source = step.text("bytes") == "other" ? held_other_ : held_;
  const std::size_t end = rounded(step.to);
  IpPacket part = source.fragment(std::min(rounded(step.from), end), end);
  if (step.has("at")) part.piece->offset = static_cast<std::uint32_t>(step.number("at"));
  if (step.has("more")) part.piece->more = step.number("more") != 0;
  if (step.has("ttl")) part.hop_limit = static_cast<std::uint8_t>(step.number("ttl"));
  if (step.has("id")) part.identification = static_cast<std::uint32_t>(step.number("id"));
  if (step.text("bytes") == "zero") std::fill(part.payload.begin(), part.payload.end(), std::uint8_t{0});
  for (int i = step.has("twice") ? 2 : 1; i > 0; --i) wire_.up(part, 0, path_of(step));
}

void Player::send_syn(const Step& step) {
  if (step.has("isn")) client_isn_ = static_cast<std::uint32_t>(step.number("isn"));
  if (step.has("ts")) timestamps_ = step.text("ts") != "none";
  TcpSegment syn = segment(step, 0, packet::kTcpSyn);
  syn.seq -= 1;
  syn.ack = 0;
  Bytes options = support::mss_option(static_cast<std::uint16_t>(step.number("mss", 1460)));
  if (step.has("scale")) {
    support::append(options, ByteView{support::window_scale_option(static_cast<std::uint8_t>(step.number("scale")))});
  }
  if (step.has("mptcp")) support::append(options, ByteView{support::mp_capable_option()});
  if (step.has("tfo")) support::append(options, ByteView{support::fast_open_option()});
  support::append(options, ByteView{syn.options});
  syn.options = options;
  if (!step.to.empty()) {
    const MarkedBytes from = bytes_of(step);
    const std::size_t begin = place_of(step.from, says_.message), end = place_of(step.to, says_.message);
    syn.payload.assign(from.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                       from.bytes.begin() + static_cast<std::ptrdiff_t>(end));
  }
  send(step, tcp_packet(step, syn));
}

void Player::send_control(const Step& step, std::uint8_t flags) {
  Step bare = step;
  if (step.verb == "handshake") bare.options.erase("isn");
  const std::size_t offset = step.has("at") ? place_of(step.text("at"), says_.message) : 0;
  send(bare, tcp_packet(bare, segment(bare, offset, flags)));
}

TcpSegment Player::segment(const Step& step, std::size_t offset, std::uint8_t flags) {
  const TcpReceiver* server = wire_.connection(client_port_);
  TcpSegment out;
  out.source_port = client_port_;
  out.destination_port = wire_.options().ends.server_port;
  out.seq = client_isn_ + 1 + static_cast<std::uint32_t>(offset) + static_cast<std::uint32_t>(step.number("seq"));
  out.ack = (server != nullptr ? server->next_sent() : 0x7777u) + static_cast<std::uint32_t>(step.number("ack"));
  out.flags = step.has("flags") ? flags_of(step.text("flags")) : flags;
  if (step.has("urgent")) {
    out.flags |= packet::kTcpUrg;
    out.urgent = static_cast<std::uint16_t>(step.number("urgent"));
  }
  if ((out.flags & packet::kTcpAck) == 0) out.ack = 0;
  out.window = static_cast<std::uint16_t>(step.number("window", 65535));
  if (timestamps_ && step.text("ts") != "none") {
    const long shift = step.verb == "client" || step.verb == "control" ? step.number("ts") : 0;
    if (!step.has("ts") || step.verb == "handshake" || step.verb == "syn") ++clock_;
    out.options = support::timestamp_option(clock_ + static_cast<std::uint32_t>(shift), 9000);
  }
  if (step.has("md5")) support::append(out.options, ByteView{support::md5_option()});
  out.data_offset = static_cast<int>(step.number("offset", -1));
  out.bad_checksum = step.text("checksum") == "bad";
  return out;
}

IpPacket Player::packet(const Step& step, std::uint8_t protocol) {
  IpPacket out;
  out.source = support::address_bytes(wire_.options().ends.client);
  out.destination = support::address_bytes(wire_.options().ends.server);
  out.protocol = protocol;
  out.hop_limit = static_cast<std::uint8_t>(step.number("ttl", 60));
  out.identification = static_cast<std::uint32_t>(step.number("id", static_cast<long>(++identification_ & 0xffff)));
  out.length_error = static_cast<int>(step.number("ip_length"));
  out.bad_checksum = step.text("ip_checksum") == "bad";
  out.options.assign(static_cast<std::size_t>(step.number("ip_options")) * 4, 1);  // no-operations
  out.extensions = extensions_of(step.text("extensions"));
  return out;
}

IpPacket Player::tcp_packet(const Step& step, const TcpSegment& segment) {
  IpPacket out = packet(step, support::kIpTcp);
  out.payload = segment.bytes(out.source, out.destination);
  put_behind(out, extensions_of(step.text("late_extensions")));
  return out;
}

IpPacket Player::data_packet(const Step& step, const MarkedBytes& from, std::size_t begin, std::size_t end) {
  TcpSegment data = segment(step, begin, packet::kTcpAck | packet::kTcpPsh);
  data.payload.assign(from.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                      from.bytes.begin() + static_cast<std::ptrdiff_t>(end));
  const auto extra = static_cast<std::uint32_t>(step.number("extra"));
  data.payload.insert(data.payload.end(), extra, 'x');
  client_isn_ += extra;  // all that follows comes so much later
  return tcp_packet(step, data);
}

IpPacket Player::datagram_packet(const Step& step, const Bytes& payload) {
  IpPacket out = packet(step, support::kIpUdp);
  support::UdpDatagram datagram;
  datagram.source_port = client_port_;
  datagram.destination_port = wire_.options().ends.server_port;
  datagram.payload = payload;
  datagram.length_error = static_cast<int>(step.number("udp_length"));
  datagram.bad_checksum = step.text("checksum") == "bad";
  datagram.no_checksum = step.text("checksum") == "none";
  out.payload = datagram.bytes(out.source, out.destination);
  put_behind(out, extensions_of(step.text("late_extensions")));
  return out;
}

void Player::send(const Step& step, const IpPacket& packet) {
  const auto trailer = static_cast<std::size_t>(step.number("trailer"));
  if (!step.has("fragments")) return wire_.up(packet, trailer, path_of(step));
  std::vector<IpPacket> parts;
  const auto size = static_cast<std::size_t>(step.number("fragments")) / 8 * 8;
  for (std::size_t at = 0; at < packet.payload.size(); at += size) {
    for (int i = step.has("twice") ? 2 : 1; i > 0; --i) {
      parts.push_back(packet.fragment(at, std::min(packet.payload.size(), at + size)));
    }
  }
  arrange(parts, step);
  for (const IpPacket& part : parts) wire_.up(part, trailer, path_of(step));
}

// The message, or what the step says instead of it.
MarkedBytes Player::bytes_of(const Step& step) const {
  const std::string which = step.text("bytes", "message");
  if (which == "message") return says_.message;
  if (which == "other") return says_.other;
  MarkedBytes out = says_.message;
  std::mt19937 noise(5);
  const auto change = [&](std::uint8_t& byte) {
    if (which == "zero") {
      byte = 0;
    } else if (which == "noise") {
      byte = static_cast<std::uint8_t>(noise());
    } else if (which == "flipped") {
      byte ^= 1;
    } else {
      throw std::invalid_argument("bytes: message, other, zero, noise, flipped");
    }
  };
  for (std::uint8_t& byte : out.bytes) change(byte);
  for (MarkedBytes::Datagram& datagram : out.datagrams) {
    for (std::uint8_t& byte : datagram.bytes) change(byte);
  }
  return out;
}

}  // namespace parapet::cases
