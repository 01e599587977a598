// SPDX-License-Identifier: Apache-2.0
// edge.toml as parapet-edge uses it: the keys, ranges and defaults of conf/edge.toml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace parapet::config {

inline constexpr std::size_t kMaxPairs = 32;  // two ports each, as many as the counter file holds
inline constexpr std::size_t kMaxRealms = 64;
inline constexpr std::uint16_t kLongestFrame = 9216;  // bytes without FCS that a port can be made to take

enum class TcpBlock : std::uint8_t { drop, reset };
enum class XdpMode : std::uint8_t { automatic, native, generic };

// One end of a pair: a DPDK device string as EAL takes it, or an interface for our own AF_XDP sockets.
struct PortDevice {
  bool is_af_xdp = false;
  std::string arguments;  // the whole string of edge.toml
  std::string interface;  // of iface=; empty where there is none
  friend bool operator==(const PortDevice&, const PortDevice&) = default;
};

struct PairOptions {
  std::string name;
  PortDevice subscriber;
  PortDevice transit;
  std::uint16_t realm = 0;
  std::uint16_t max_frame = kLongestFrame;  // bytes without FCS
  bool link_follow = false;
  friend bool operator==(const PairOptions&, const PairOptions&) = default;
};

// What comes in over these VLANs (outermost first; none: any), or in this VXLAN network, is a realm of its own.
struct RealmOptions {
  std::uint16_t pair = 0;  // index into pairs
  std::vector<std::uint16_t> vlans;
  std::optional<std::uint32_t> vni;
  std::uint16_t id = 0;
  friend bool operator==(const RealmOptions&, const RealmOptions&) = default;
};

// What a running edge takes over on SIGHUP; everything else needs a restart.
struct LiveEdgeOptions {
  LogLevel log_level = LogLevel::info;
  std::uint32_t idle_sleep_us = 50;
  std::uint32_t idle_timeout_s = 300;
  std::uint32_t block_hold_s = 120;
  TcpBlock tcp = TcpBlock::reset;
};

// The bounds of what is read of one thing ([limits]; counted under uninspected where they are reached).
struct LimitOptions {
  std::uint32_t encapsulation_depth = 4;    // carriers around the IP packet that is read, tags not counted
  std::uint32_t fragment_datagrams = 8192;  // incomplete ones
  std::uint32_t fragment_blocks = 8192;     // KiB of fragments
  std::uint32_t fragment_timeout_s = 30;
  std::uint32_t http_head_kib = 1024;
  std::uint32_t hello_kib = 256;
  std::uint32_t quic_connections = 2048;
  std::uint32_t quic_hello_kib = 16;
  std::uint32_t quic_initials_per_s = 300000;
  std::uint32_t http2_connections = 256;
  bool mptcp_strip = true;
  friend bool operator==(const LimitOptions&, const LimitOptions&) = default;
};

struct EdgeOptions {
  std::string snapshot_file;
  std::string digest_key_file;
  std::string counters_file;
  bool hugepages = true;
  std::uint32_t size_mib = 1024;
  std::uint32_t mbufs = 16384;
  std::vector<std::uint16_t> cores;
  std::uint32_t heartbeat_ms = 50;
  std::uint32_t ring_size = 4096;
  std::uint32_t handshake_slots = 65536;
  std::uint32_t records = 65536;
  std::uint32_t messages = 4096;
  std::uint32_t kept_blocks = 16384;
  LimitOptions limits;
  std::string pin_directory;
  XdpMode xdp_mode = XdpMode::automatic;
  std::vector<PairOptions> pairs;
  std::vector<RealmOptions> realms;
  LiveEdgeOptions live;

  bool uses_af_xdp() const noexcept;
};

//   errors  invalid_config, all of them, "FILE:LINE:COLUMN: KEY: expected ..., found ..."
Result<EdgeOptions> parse_edge_options(std::string_view toml, std::string file_name);

// The first key that differs and needs a restart, e.g. "workers.cores"; empty: only live keys differ.
std::string_view restart_needed(const EdgeOptions& running, const EdgeOptions& wanted) noexcept;

}  // namespace parapet::config
