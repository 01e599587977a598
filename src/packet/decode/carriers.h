// SPDX-License-Identifier: Apache-2.0
// Headers of carriers: what carries an IP packet or an Ethernet frame over something else. Each reader takes the bytes
// from its header to where the outer header says the end is.
#pragma once

#include "base/bytes.h"
#include "packet/decode/decode.h"
#include "packet/decode/inside.h"

namespace parapet::packet {

inline constexpr std::size_t kPppoeHeaderLength = 6, kGtpHeaderLength = 8;

// A label stack, then IP, or an Ethernet frame behind a control word.  RFC 3032 §2.1, RFC 4385 §3, RFC 4448 §4.6
Inside read_mpls(ByteView bytes) noexcept;

// A session, not its discovery.  RFC 2516 §4
Inside read_pppoe(ByteView bytes) noexcept;

// RFC 2784 §2, RFC 2890 §2, and version 1 of PPTP, RFC 2637 §4.1. `marks` is told of what the header has.
Inside read_gre(ByteView bytes, CarrierMarks& marks) noexcept;
// Of a GRE header that read_gre() took.
std::size_t gre_header_length(const std::uint8_t* header) noexcept;
inline bool gre_has_checksum(const std::uint8_t* header) noexcept { return (header[0] & 0x80) != 0; }
inline bool gre_is_pptp(const std::uint8_t* header) noexcept { return (header[1] & 7) == 1; }

// RFC 7348 §5.  vni: its network
Inside read_vxlan(ByteView bytes, std::uint32_t& vni) noexcept;

// A G-PDU; any other message is no carrier.  3GPP TS 29.281 §5.1, §5.2
Inside read_gtp_u(ByteView bytes, CarrierMarks& marks) noexcept;

// What a UDP datagram to this port carries, by its first bytes; Content::udp where it is none of these carriers.
Content content_of_datagram(std::uint16_t destination_port, ByteView payload) noexcept;

}  // namespace parapet::packet
