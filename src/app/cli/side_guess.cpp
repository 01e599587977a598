// SPDX-License-Identifier: Apache-2.0
// Guessing sides.
#include "app/cli/side_guess.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tuple>

#include "packet/extract/extract.h"

namespace parapet::cli {
namespace {

constexpr std::uint16_t kDnsPort = 53;

bool is_dns_response(ByteView payload) noexcept { return payload.size() > 2 && (payload[2] & 0x80) != 0; }

}  // namespace

SideGuess::SideGuess(std::vector<AddressPrefix> subscribers) : subscribers_(std::move(subscribers)) {}

std::size_t SideGuess::FlowHash::operator()(const Flow& flow) const noexcept {
  std::array<char, 36> bytes{};
  std::memcpy(bytes.data(), flow.low.data(), 16);
  std::memcpy(bytes.data() + 16, flow.high.data(), 16);
  std::memcpy(bytes.data() + 32, &flow.low_port, 2);
  std::memcpy(bytes.data() + 34, &flow.high_port, 2);
  return std::hash<std::string_view>{}({bytes.data(), bytes.size()}) ^ static_cast<std::size_t>(flow.is_udp);
}

Side SideGuess::side_of(ByteView frame, const packet::Decoded& decoded) {
  using enum packet::DecodeOutcome;
  const bool has_addresses = decoded.outcome == tcp || decoded.outcome == udp || decoded.outcome == fragment;
  if (!has_addresses) return Side::subscriber;
  if (!subscribers_.empty()) {
    const auto is_subscriber = [&](const auto& address) {
      return std::ranges::any_of(subscribers_, [&](const AddressPrefix& prefix) { return prefix.holds(address); });
    };
    if (is_subscriber(decoded.flow.source)) return Side::subscriber;
    if (!is_subscriber(decoded.flow.destination)) ++frames_without_subscriber_;
    return Side::transit;
  }
  if (decoded.outcome == fragment) return Side::subscriber;
  return source_is_client(frame, decoded) ? Side::subscriber : Side::transit;
}

bool SideGuess::source_is_client(ByteView frame, const packet::Decoded& decoded) {
  const auto& ends = decoded.flow;
  const ByteView payload = frame.subspan(decoded.payload_offset, decoded.payload_length);
  const bool is_udp = decoded.outcome == packet::DecodeOutcome::udp;
  if (is_udp && (ends.destination_port == kDnsPort || ends.source_port == kDnsPort)) {
    return ends.destination_port == kDnsPort && !is_dns_response(payload);
  }
  const bool source_is_low =
      std::tie(ends.source, ends.source_port) <= std::tie(ends.destination, ends.destination_port);
  const Flow flow = source_is_low
                        ? Flow{ends.source, ends.destination, ends.source_port, ends.destination_port, is_udp}
                        : Flow{ends.destination, ends.source, ends.destination_port, ends.source_port, is_udp};
  if (is_udp) return client_is_low_.try_emplace(flow, source_is_low).first->second == source_is_low;
  if ((decoded.flags & packet::kTcpSyn) != 0) {
    const bool from_client = (decoded.flags & packet::kTcpAck) == 0;
    client_is_low_.insert_or_assign(flow, from_client == source_is_low);
    return from_client;
  }
  if (const auto known = client_is_low_.find(flow); known != client_is_low_.end()) {
    return known->second == source_is_low;
  }
  if (!payload.empty() && packet::could_begin_unseen_request(payload)) {
    client_is_low_.emplace(flow, source_is_low);
    return true;
  }
  return ends.source_port >= ends.destination_port;
}

}  // namespace parapet::cli
