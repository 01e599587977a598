// SPDX-License-Identifier: Apache-2.0
// The keys of edge.toml.
#include "config/edge_options.h"

#include <algorithm>
#include <array>
#include <set>

#include "config/toml_table.h"

namespace parapet::config {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLogLevels{
    {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn}, {"error", LogLevel::error}}};
constexpr std::array<std::pair<std::string_view, TcpBlock>, 2> kTcpBlocks{
    {{"drop", TcpBlock::drop}, {"reset", TcpBlock::reset}}};
constexpr std::array<std::pair<std::string_view, bool>, 1> kUdpBlocks{{{"drop", true}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> kMptcp{{{"strip", true}, {"pass", false}}};
constexpr std::array<std::pair<std::string_view, XdpMode>, 3> kXdpModes{
    {{"auto", XdpMode::automatic}, {"native", XdpMode::native}, {"generic", XdpMode::generic}}};

constexpr std::size_t kMaxInterfaceName = 15;
constexpr std::size_t kMaxCpu = 1023;

bool is_interface_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxInterfaceName && std::ranges::none_of(text, [](char c) {
    return c == '/' || c == ':' || c == ',' || static_cast<unsigned char>(c) <= 0x20 ||
           static_cast<unsigned char>(c) >= 0x7f;
  });
}

// The value of one key=value behind the first comma; empty where it is not there.
std::string_view argument(std::string_view device, std::string_view key) {
  std::size_t at = device.find(',');
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 1;
    at = device.find(',', begin);
    const auto item = device.substr(begin, at == std::string_view::npos ? at : at - begin);
    if (item.size() > key.size() && item.starts_with(key) && item[key.size()] == '=')
      return item.substr(key.size() + 1);
  }
  return {};
}

bool is_device(std::string_view text) {
  const auto driver = text.substr(0, text.find(','));
  if (driver == "af_xdp") {
    const auto interface = argument(text, "iface");
    return is_interface_name(interface) && text.size() == std::string_view("af_xdp,iface=").size() + interface.size();
  }
  if (driver.empty() || text.find(' ') != std::string_view::npos || text.starts_with('-')) return false;
  if (driver.starts_with("net_af_packet") || driver.starts_with("eth_af_packet"))
    return is_interface_name(argument(text, "iface"));
  // Its own program would detach ours: AF_XDP ports are Parapet's own.
  return !driver.starts_with("net_af_xdp");
}

constexpr TextRule kDeviceRule{"DPDK device arguments, or \"af_xdp,iface=NAME\"", 512, is_device};

PortDevice read_device(TomlTable& table, std::string_view key) {
  PortDevice device;
  device.arguments = table.text(key, kDeviceRule);
  device.is_af_xdp = device.arguments.starts_with("af_xdp,");
  device.interface = argument(device.arguments, "iface");
  return device;
}

PairOptions read_pair(TomlTable& table) {
  PairOptions pair;
  pair.name = table.text("name", kNameRule);
  pair.subscriber = read_device(table, "subscriber");
  pair.transit = read_device(table, "transit");
  pair.realm = static_cast<std::uint16_t>(table.integer("realm", 0, 65535, 0));
  pair.max_frame = static_cast<std::uint16_t>(table.integer("max_frame", 1518, kLongestFrame, kLongestFrame));
  pair.link_follow = table.boolean("link_follow", false);
  if (pair.subscriber.is_af_xdp != pair.transit.is_af_xdp) {
    table.reject("transit",
                 "af_xdp on both ports of a pair, or on neither: the kernel must be able to go around the edge");
  }
  return pair;
}

void read_workers(TomlTable workers, EdgeOptions& options) {
  std::set<std::uint64_t> cores;
  for (const auto core : workers.integers("cores", 0, kMaxCpu, 1, 64)) {
    options.cores.push_back(static_cast<std::uint16_t>(core));
    if (!cores.insert(core).second) workers.reject("cores", "each CPU number once");
  }
  options.live.idle_sleep_us = static_cast<std::uint32_t>(workers.integer("idle_sleep_us", 0, 10000, 50));
  options.heartbeat_ms = static_cast<std::uint32_t>(workers.integer("heartbeat_ms", 10, 1000, 50));
  options.ring_size = static_cast<std::uint32_t>(workers.power_of_two("ring_size", 256, 65536, 4096));
}

void read_streams(TomlTable streams, EdgeOptions& options) {
  options.handshake_slots = static_cast<std::uint32_t>(streams.power_of_two("handshake_slots", 1024, 16777216, 65536));
  options.records = static_cast<std::uint32_t>(streams.integer("records", 1024, 16777216, 65536));
  options.messages = static_cast<std::uint32_t>(streams.integer("messages", 64, 1048576, 4096));
  options.kept_blocks = static_cast<std::uint32_t>(streams.integer("kept_blocks", 64, 4194304, 16384));
  options.live.idle_timeout_s = static_cast<std::uint32_t>(streams.integer("idle_timeout_s", 60, 86400, 300));
  options.live.block_hold_s = static_cast<std::uint32_t>(streams.integer("block_hold_s", 10, 3600, 120));
}

void read_limits(TomlTable limits, LimitOptions& out) {
  const auto number = [&limits](std::string_view key, std::uint64_t low, std::uint64_t high, std::uint32_t otherwise) {
    return static_cast<std::uint32_t>(limits.integer(key, low, high, otherwise));
  };
  out.encapsulation_depth = number("encapsulation_depth", 0, 4, out.encapsulation_depth);
  out.fragment_datagrams = number("fragment_datagrams", 64, 1048576, out.fragment_datagrams);
  out.fragment_blocks = number("fragment_blocks", 64, 1048576, out.fragment_blocks);
  out.fragment_timeout_s = number("fragment_timeout_s", 1, 60, out.fragment_timeout_s);
  out.http_head_kib = number("http_head_kib", 16, 16384, out.http_head_kib);
  out.hello_kib = number("hello_kib", 16, 16384, out.hello_kib);
  out.quic_connections = number("quic_connections", 64, 1048576, out.quic_connections);
  out.quic_hello_kib = number("quic_hello_kib", 4, 64, out.quic_hello_kib);
  out.quic_initials_per_s = number("quic_initials_per_s", 1000, 10000000, out.quic_initials_per_s);
  out.http2_connections = number("http2_connections", 16, 65536, out.http2_connections);
}

void read_pairs(TomlTable root, EdgeOptions& options) {
  std::set<std::string> names;
  std::set<std::string> devices;
  for (auto& table : root.tables("pair", 1, kMaxPairs)) {
    const PairOptions pair = read_pair(table);
    if (!names.insert(pair.name).second) table.reject("name", "a name that no other pair has");
    for (const auto& [key, device] : {std::pair{"subscriber", &pair.subscriber}, std::pair{"transit", &pair.transit}}) {
      const std::string& identity = device->interface.empty() ? device->arguments : device->interface;
      if (!devices.insert(identity).second) table.reject(key, "a device that no other port uses");
    }
    options.pairs.push_back(pair);
  }
}

void read_realms(TomlTable root, EdgeOptions& options) {
  for (auto& table : root.tables("realm", 0, kMaxRealms)) {
    RealmOptions realm;
    const std::string pair = table.text("pair", kNameRule);
    const auto named = std::ranges::find(options.pairs, pair, &PairOptions::name);
    if (named == options.pairs.end()) table.reject("pair", "the name of a pair");
    realm.pair = static_cast<std::uint16_t>(named - options.pairs.begin());
    for (const auto vlan : table.integers("vlans", 0, 4095, 0, 4)) {
      realm.vlans.push_back(static_cast<std::uint16_t>(vlan));
    }
    const bool in_vxlan = table.has("vni");
    const auto vni = static_cast<std::uint32_t>(table.integer("vni", 0, (1u << 24) - 1, 0));
    if (in_vxlan) realm.vni = vni;
    if (realm.vlans.empty() && !in_vxlan) table.reject("vlans", "vlans, vni, or both");
    realm.id = static_cast<std::uint16_t>(table.integer("id", 0, 65535));
    options.realms.push_back(realm);
  }
}

}  // namespace

bool EdgeOptions::uses_af_xdp() const noexcept {
  return std::ranges::any_of(pairs, [](const PairOptions& pair) { return pair.subscriber.is_af_xdp; });
}

Result<EdgeOptions> parse_edge_options(std::string_view toml, std::string file_name) {
  auto document = TomlDocument::parse(toml, std::move(file_name));
  if (!document) return std::unexpected(document.error());
  TomlTable root = document->root();
  EdgeOptions options;
  TomlTable edge = root.table("edge");
  options.snapshot_file = edge.text("snapshot_file", kPathRule);
  options.digest_key_file = edge.text("digest_key_file", kPathRule);
  options.counters_file = edge.text("counters_file", kPathRule);
  options.live.log_level = edge.choice<LogLevel>("log_level", kLogLevels, LogLevel::info);
  TomlTable memory = root.table("memory");
  options.hugepages = memory.boolean("hugepages", true);
  options.size_mib = static_cast<std::uint32_t>(memory.integer("size_mib", 64, 1048576, 1024));
  options.mbufs = static_cast<std::uint32_t>(memory.integer("mbufs", 1024, 4194304, 16384));
  read_workers(root.table("workers"), options);
  read_streams(root.table("streams"), options);
  read_limits(root.table("limits"), options.limits);
  TomlTable actions = root.table("actions");
  options.live.tcp = actions.choice<TcpBlock>("tcp", kTcpBlocks, TcpBlock::reset);
  options.limits.mptcp_strip = actions.choice<bool>("mptcp", kMptcp, true);
  static_cast<void>(actions.choice<bool>("udp", kUdpBlocks, true));
  TomlTable bpf = root.table("bpf");
  options.pin_directory = bpf.text("pin_directory", kPathRule, "/sys/fs/bpf/parapet");
  options.xdp_mode = bpf.choice<XdpMode>("xdp_mode", kXdpModes, XdpMode::automatic);
  read_pairs(root, options);
  read_realms(root, options);
  if (auto status = document->finish(); !status) return std::unexpected(status.error());
  return options;
}

std::string_view restart_needed(const EdgeOptions& running, const EdgeOptions& wanted) noexcept {
  if (running.snapshot_file != wanted.snapshot_file) return "edge.snapshot_file";
  if (running.digest_key_file != wanted.digest_key_file) return "edge.digest_key_file";
  if (running.counters_file != wanted.counters_file) return "edge.counters_file";
  if (running.hugepages != wanted.hugepages) return "memory.hugepages";
  if (running.size_mib != wanted.size_mib) return "memory.size_mib";
  if (running.mbufs != wanted.mbufs) return "memory.mbufs";
  if (running.cores != wanted.cores) return "workers.cores";
  if (running.heartbeat_ms != wanted.heartbeat_ms) return "workers.heartbeat_ms";
  if (running.ring_size != wanted.ring_size) return "workers.ring_size";
  if (running.handshake_slots != wanted.handshake_slots) return "streams.handshake_slots";
  if (running.records != wanted.records) return "streams.records";
  if (running.messages != wanted.messages) return "streams.messages";
  if (running.kept_blocks != wanted.kept_blocks) return "streams.kept_blocks";
  if (running.limits != wanted.limits) return "limits";
  if (running.pin_directory != wanted.pin_directory) return "bpf.pin_directory";
  if (running.xdp_mode != wanted.xdp_mode) return "bpf.xdp_mode";
  if (running.pairs != wanted.pairs) return "pair";
  if (running.realms != wanted.realms) return "realm";
  return {};
}

}  // namespace parapet::config
