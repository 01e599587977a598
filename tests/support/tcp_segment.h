// SPDX-License-Identifier: Apache-2.0
// A TCP segment or UDP datagram with all its fields, right or bent.  RFC 9293 §3.1, RFC 768.
#pragma once

#include <cstdint>
#include <utility>

#include "ip_packet.h"
#include "support_bytes.h"

namespace parapet::support {

// Options as they stand in a segment. Each is padded by the segment as a whole.
inline Bytes mss_option(std::uint16_t mss) {
  Bytes option{2, 4};
  append_be16(option, mss);
  return option;
}
inline Bytes window_scale_option(std::uint8_t shift) { return {3, 3, shift}; }
inline Bytes timestamp_option(std::uint32_t value, std::uint32_t echo) {
  Bytes option{8, 10};
  for (const std::uint32_t word : {value, echo}) {
    append_be16(option, word >> 16);
    append_be16(option, word & 0xffff);
  }
  return option;
}
// RFC 2385 §3.0; a digest that no key made.
inline Bytes md5_option() {
  Bytes option{19, 18};
  option.resize(18, 0x5d);
  return option;
}
// RFC 8684 §3.1: MP_CAPABLE version 1 of a SYN.
inline Bytes mp_capable_option() { return {30, 4, 0x01, 0x01}; }
// RFC 7413 §4.1.1
inline Bytes fast_open_option() { return {34, 10, 1, 2, 3, 4, 5, 6, 7, 8}; }

struct TcpSegment {
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 65535;
  std::uint16_t urgent = 0;
  Bytes options;  // filled up with zeros to a multiple of four
  Bytes payload;
  int data_offset = -1;  // words; -1: as it is
  bool bad_checksum = false;

  Bytes bytes(const Bytes& source, const Bytes& destination) const {
    Bytes l4(20);
    append(l4, options);
    l4.resize((l4.size() + 3) / 4 * 4);
    store_be16(l4.data(), source_port);
    store_be16(l4.data() + 2, destination_port);
    store_be32(l4.data() + 4, seq);
    store_be32(l4.data() + 8, ack);
    l4[12] = static_cast<std::uint8_t>((data_offset >= 0 ? static_cast<std::size_t>(data_offset) : l4.size() / 4) << 4);
    l4[13] = flags;
    store_be16(l4.data() + 14, window);
    store_be16(l4.data() + 18, urgent);
    append(l4, payload);
    const Bytes pseudo = pseudo_header(source, destination, kIpTcp, l4.size());
    store_be16(l4.data() + 16, static_cast<std::uint16_t>(internet_checksum({pseudo, l4}) + (bad_checksum ? 1 : 0)));
    return l4;
  }
};

struct UdpDatagram {
  std::uint16_t source_port = 0, destination_port = 0;
  Bytes payload;
  int length_error = 0;  // added to the length field
  bool bad_checksum = false;
  bool no_checksum = false;

  Bytes bytes(const Bytes& source, const Bytes& destination) const {
    Bytes l4(8);
    store_be16(l4.data(), source_port);
    store_be16(l4.data() + 2, destination_port);
    append(l4, payload);
    store_be16(l4.data() + 4, static_cast<std::uint16_t>(static_cast<int>(l4.size()) + length_error));
    if (no_checksum) return l4;
    const Bytes pseudo = pseudo_header(source, destination, kIpUdp, l4.size());
    std::uint16_t checksum = internet_checksum({pseudo, l4});
    if (checksum == 0) checksum = 0xffff;
    store_be16(l4.data() + 6, static_cast<std::uint16_t>(checksum + (bad_checksum ? 1 : 0)));
    return l4;
  }
};

}  // namespace parapet::support
