// SPDX-License-Identifier: Apache-2.0
// The headers around the packet that is read, outermost first: what must be mended where the packet changes its length.
#pragma once

#include <array>
#include <cstdint>

namespace parapet::packet {

// Headers that hold a length or a checksum over what is behind them.
enum class LayerKind : std::uint8_t {
  length_field,  // of an IEEE 802.3 frame, where others have the EtherType; at the field
  pppoe,
  ipv4,
  ipv6,
  udp,  // of a carrier
  gre,
  gtp_u,
};

struct Layer {
  LayerKind kind;
  std::uint16_t offset;  // of its header, in the frame
};

inline constexpr unsigned kMaxCarriers = 4;
// A carrier brings at most an IP header, one of UDP or GRE, one of GTP-U, and the length field of an Ethernet frame in
// it; the frame itself another length field, and the packet its IP header.
inline constexpr std::size_t kMaxLayers = kMaxCarriers * 4 + 2;

struct LayerTrail {
  std::array<Layer, kMaxLayers> layers;
  std::uint8_t count = 0;

  void add(LayerKind kind, std::size_t offset) noexcept {
    if (count < layers.size()) layers[count++] = {kind, static_cast<std::uint16_t>(offset)};
  }
};

}  // namespace parapet::packet
