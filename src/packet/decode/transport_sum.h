// SPDX-License-Identifier: Apache-2.0
// The sum that TCP's and UDP's checksums are made of: pseudo-header and bytes.  RFC 9293 §3.1, RFC 8200 §8.1
#pragma once

#include "packet/decode/decode.h"
#include "packet/decode/internet_checksum.h"

namespace parapet::packet {

// `addresses` becomes the whole sum. IPv6 writes the length as 32 bits; without jumbograms the upper are zero.
inline InternetSum transport_sum(InternetSum addresses, std::uint8_t protocol, ByteView segment) noexcept {
  addresses.add_be16(static_cast<std::uint32_t>(segment.size()));
  addresses.add_be16(protocol);
  addresses.add(segment);
  return addresses;
}

// By the ends of a flow.
inline InternetSum transport_sum(const FlowAddresses& flow, std::uint8_t protocol, ByteView segment) noexcept {
  const std::size_t skip = flow.is_ipv4 ? 12 : 0;
  InternetSum sum;
  sum.add(ByteView{flow.source}.subspan(skip));
  sum.add(ByteView{flow.destination}.subspan(skip));
  return transport_sum(sum, protocol, segment);
}

// Makes the checksum of a TCP segment right.  RFC 9293 §3.1
//   REQUIRES the header is there
inline void renew_tcp_checksum(MutableBytes segment, const FlowAddresses& flow) noexcept {
  constexpr std::size_t kChecksum = 16;
  store_be16(segment.data() + kChecksum, 0);
  store_be16(segment.data() + kChecksum, transport_sum(flow, kProtocolTcp, segment).checksum());
}

// By the IP header in front.
inline InternetSum transport_sum(ByteView frame, const Layer& ip, std::uint8_t protocol, ByteView segment) noexcept {
  const bool v4 = ip.kind == LayerKind::ipv4;
  InternetSum sum;
  sum.add(frame.subspan(ip.offset + (v4 ? 12u : 8u), v4 ? 8 : 32));
  return transport_sum(sum, protocol, segment);
}

}  // namespace parapet::packet
