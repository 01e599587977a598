// SPDX-License-Identifier: Apache-2.0
// Building a reset frame.
#include "packet/act/reset.h"

#include <algorithm>
#include <cstring>

#include "packet/act/carrier_mend.h"
#include "packet/decode/ip_headers.h"
#include "packet/decode/transport.h"
#include "packet/decode/transport_sum.h"

namespace parapet::packet {
namespace {

constexpr std::uint8_t kTimeToLive = 64;

void write_tcp(const FlowAddresses& ends, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags,
               std::uint8_t* tcp) noexcept {
  std::memset(tcp, 0, kTcpHeaderLength);
  store_be16(tcp, ends.source_port);
  store_be16(tcp + 2, ends.destination_port);
  store_be32(tcp + 4, seq);
  store_be32(tcp + 8, ack);
  tcp[12] = kTcpHeaderLength / 4 << 4;
  tcp[13] = flags;
  renew_tcp_checksum({tcp, kTcpHeaderLength}, ends);
}

void write_ipv4(const FlowAddresses& ends, std::uint16_t identification, std::uint8_t* ip) noexcept {
  std::memset(ip, 0, 20);
  ip[0] = 0x45;
  store_be16(ip + 2, kIpv4HeaderLength + kTcpHeaderLength);
  store_be16(ip + 4, identification);
  ip[8] = kTimeToLive;
  ip[9] = kProtocolTcp;
  std::memcpy(ip + 12, ends.source.data() + 12, 4);
  std::memcpy(ip + 16, ends.destination.data() + 12, 4);
  renew_ipv4_checksum(ip);
}

void write_ipv6(const FlowAddresses& ends, std::uint8_t* ip) noexcept {
  std::memset(ip, 0, 8);
  ip[0] = 0x60;
  store_be16(ip + 4, kTcpHeaderLength);
  ip[6] = kProtocolTcp;
  ip[7] = kTimeToLive;
  std::memcpy(ip + 8, ends.source.data(), 16);
  std::memcpy(ip + 24, ends.destination.data(), 16);
}

}  // namespace

void turn_round(Encapsulation& encapsulation) noexcept {
  std::uint8_t* p = encapsulation.bytes.data();
  if (encapsulation.link == LinkType::ethernet) std::swap_ranges(p, p + 6, p + 6);
}

std::size_t build_reset(const Encapsulation& before, const FlowAddresses& flow, ResetTo to, std::uint32_t seq,
                        std::uint32_t ack, std::uint16_t identification, MutableBytes out) noexcept {
  const std::size_t ip_length = flow.is_ipv4 ? kIpv4HeaderLength : kIpv6HeaderLength;
  const std::size_t length = before.length + ip_length + kTcpHeaderLength;
  if (out.size() < length) return 0;
  const bool to_sender = to == ResetTo::sender;
  const FlowAddresses ends =
      to_sender ? FlowAddresses{flow.destination, flow.source, flow.destination_port, flow.source_port, flow.is_ipv4}
                : flow;
  std::memcpy(out.data(), before.bytes.data(), before.length);
  std::uint8_t* ip = out.data() + before.length;
  if (flow.is_ipv4) {
    write_ipv4(ends, identification, ip);
  } else {
    write_ipv6(ends, ip);
  }
  write_tcp(ends, seq, to_sender ? ack : 0, static_cast<std::uint8_t>(to_sender ? kTcpRst | kTcpAck : kTcpRst),
            ip + ip_length);
  mend_carriers(out.first(length), before.trail);
  return length;
}

}  // namespace parapet::packet
