// SPDX-License-Identifier: Apache-2.0
// An IP packet with all its fields, right or bent, whole or as fragments.  RFC 791 §3.1, RFC 8200 §3, §4.
#pragma once

#include <arpa/inet.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "packet_builder.h"
#include "support_bytes.h"

namespace parapet::support {

inline constexpr std::uint8_t kIpHopByHop = 0, kIpInIp = 4, kIpTcp = 6, kIpUdp = 17, kIpv6InIp = 41, kIpRouting = 43,
                              kIpFragment = 44, kIpGre = 47, kIpAuthentication = 51, kIpDestination = 60, kIpMpls = 137;

// 4 or 16 bytes.
inline Bytes address_bytes(const std::string& text) {
  const bool v6 = text.find(':') != std::string::npos;
  Bytes bytes(v6 ? 16 : 4);
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) throw std::invalid_argument(text);
  return bytes;
}

// What TCP and UDP checksums cover besides their own bytes.
inline Bytes pseudo_header(const Bytes& source, const Bytes& destination, std::uint8_t protocol, std::size_t length) {
  Bytes pseudo = source;
  append(pseudo, destination);
  pseudo.insert(pseudo.end(), {0, protocol});
  append_be16(pseudo, length);  // IPv6 writes 32 bits; the upper ones are zero
  return pseudo;
}

// One IPv6 extension header; `body` is filled up with zeros (Pad1) to a multiple of eight.
struct Extension {
  std::uint8_t type = kIpDestination;
  Bytes body = {1, 4, 0, 0, 0, 0};  // PadN over six bytes
};

struct IpPacket {
  struct Piece {
    std::uint32_t offset = 0;  // bytes; a multiple of eight
    bool more = false;
  };

  Bytes source, destination;  // 4 or 16 bytes each
  std::uint8_t protocol = kIpTcp;
  Bytes payload;
  std::uint8_t hop_limit = 60;
  std::uint32_t identification = 0;
  Bytes options;                      // IPv4, a multiple of four
  std::vector<Extension> extensions;  // IPv6, before a fragment header
  std::optional<Piece> piece;         // set: a fragment (IPv6: with its header, though offset 0 and more false)
  int length_error = 0;               // added to the length field
  bool bad_checksum = false;          // IPv4

  bool is_ipv4() const { return source.size() == 4; }
  Bytes bytes() const { return is_ipv4() ? ipv4() : ipv6(); }

  // The fragment that holds the bytes from `begin` to `end` of the payload.
  IpPacket fragment(std::size_t begin, std::size_t end) const {
    IpPacket part = *this;
    part.payload = {payload.begin() + static_cast<std::ptrdiff_t>(begin),
                    payload.begin() + static_cast<std::ptrdiff_t>(end)};
    part.piece = Piece{static_cast<std::uint32_t>(begin), end < payload.size()};
    return part;
  }

 private:
  Bytes ipv4() const {
    Bytes ip(20);
    append(ip, options);
    ip[0] = static_cast<std::uint8_t>(0x40 | ip.size() / 4);
    const auto total = static_cast<int>(ip.size() + payload.size()) + length_error;
    store_be16(ip.data() + 2, static_cast<std::uint16_t>(total));
    store_be16(ip.data() + 4, static_cast<std::uint16_t>(identification));
    if (piece) store_be16(ip.data() + 6, static_cast<std::uint16_t>(piece->offset / 8 | (piece->more ? 0x2000u : 0u)));
    ip[8] = hop_limit;
    ip[9] = protocol;
    std::copy(source.begin(), source.end(), ip.begin() + 12);
    std::copy(destination.begin(), destination.end(), ip.begin() + 16);
    store_be16(ip.data() + 10, static_cast<std::uint16_t>(internet_checksum({ip}) + (bad_checksum ? 1 : 0)));
    append(ip, payload);
    return ip;
  }

  Bytes ipv6() const {
    Bytes chain;
    std::size_t next_at = 0;  // where the type of the header to come stands in the chain
    std::uint8_t first = protocol;
    const auto link = [&](std::uint8_t type) {
      if (chain.empty()) {
        first = type;
      } else {
        chain[next_at] = type;
      }
      next_at = chain.size();
    };
    for (const Extension& extension : extensions) {
      link(extension.type);
      Bytes header{0, 0};
      append(header, extension.body);
      header.resize((header.size() + 7) / 8 * 8);
      header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
      if (extension.type == kIpAuthentication) header[1] = static_cast<std::uint8_t>(header.size() / 4 - 2);
      append(chain, header);
    }
    if (piece) {
      link(kIpFragment);
      Bytes header{0, 0};
      append_be16(header, piece->offset | (piece->more ? 1u : 0u));
      append_be16(header, identification >> 16);
      append_be16(header, identification & 0xffff);
      append(chain, header);
    }
    if (!chain.empty()) chain[next_at] = protocol;

    Bytes ip(40);
    ip[0] = 0x60;
    store_be16(ip.data() + 4,
               static_cast<std::uint16_t>(static_cast<int>(chain.size() + payload.size()) + length_error));
    ip[6] = first;
    ip[7] = hop_limit;
    std::copy(source.begin(), source.end(), ip.begin() + 8);
    std::copy(destination.begin(), destination.end(), ip.begin() + 24);
    append(ip, chain);
    append(ip, payload);
    return ip;
  }
};

}  // namespace parapet::support
