// SPDX-License-Identifier: Apache-2.0
// From fragments to datagrams and from a datagram's fate to its last fragment's.
#include "packet/pipeline/fragment_reassembly.h"

#include <algorithm>
#include <cstring>

#include "base/secret.h"
#include "packet/decode/internet_checksum.h"
#include "packet/decode/ip_headers.h"

namespace parapet::packet {
namespace {

constexpr std::uint8_t kAnyHopLimit = 64;
// While memory is short, a datagram that is not whole by then is given up. Fragments of one follow each other closely.
constexpr Tick kShortTicks = tick_of(2 * kNanosecondsPerSecond);

constexpr Fate pass(FrameReason reason) noexcept { return {reason, false}; }
constexpr Fate drop(FrameReason reason) noexcept { return {reason, true}; }

// IPv6 names the protocol in the first fragment alone, so all of its fragments are followed.
bool may_hold_requests(const Decoded& decoded) noexcept {
  if (!decoded.flow.is_ipv4) return true;
  switch (decoded.fragment.protocol) {
    case kProtocolTcp:
    case kProtocolUdp:
    case kProtocolIpv4:
    case kProtocolIpv6:
    case kProtocolGre:
    case kProtocolMpls: return true;
    default: return false;
  }
}

// What in the IP header may decide whether a fragment arrives: hop limit, "don't fragment", options.
std::uint32_t path_of(ByteView frame, const Decoded& decoded) noexcept {
  const std::uint8_t* ip = frame.data() + decoded.ip_offset;
  const std::size_t header = decoded.payload_offset - std::size_t{decoded.ip_offset};
  std::uint32_t path = decoded.flow.is_ipv4 ? ip[8] | (ip[6] & 0x40u) << 2 : ip[7];
  const std::size_t options_at = decoded.flow.is_ipv4 ? 20 : 40;
  const std::size_t options_end = decoded.flow.is_ipv4 ? header : header - 8;
  for (std::size_t at = options_at; at < options_end; ++at) path = path * 31 + ip[at];
  return path;
}

std::size_t write_ipv4(const Decoded& decoded, std::uint8_t protocol, std::size_t payload, std::uint8_t* ip) noexcept {
  std::memset(ip, 0, 20);
  ip[0] = 0x45;
  store_be16(ip + 2, static_cast<std::uint16_t>(20 + payload));
  ip[8] = kAnyHopLimit;
  ip[9] = protocol;
  std::memcpy(ip + 12, decoded.flow.source.data() + 12, 4);
  std::memcpy(ip + 16, decoded.flow.destination.data() + 12, 4);
  renew_ipv4_checksum(ip);
  return 20;
}

std::size_t write_ipv6(const Decoded& decoded, std::uint8_t protocol, std::size_t payload, std::uint8_t* ip) noexcept {
  std::memset(ip, 0, 8);
  ip[0] = 0x60;
  store_be16(ip + 4, static_cast<std::uint16_t>(payload));
  ip[6] = protocol;
  ip[7] = kAnyHopLimit;
  std::memcpy(ip + 8, decoded.flow.source.data(), 16);
  std::memcpy(ip + 24, decoded.flow.destination.data(), 16);
  return 40;
}

}  // namespace

Result<FragmentReassembly> FragmentReassembly::create(const PipelineLimits& limits, const digest::Key& flow_key) {
  auto table =
      FragmentTable::create({limits.fragment_datagrams, limits.fragment_blocks, tick_of(limits.fragment_timeout_ns)});
  if (!table) return std::unexpected(table.error());
  auto scratch = FixedArray<Scratch>::create(kMaxWholeDatagrams, "whole datagrams");
  if (!scratch) return std::unexpected(scratch.error());
  FragmentReassembly reassembly;
  reassembly.hasher_ = FlowHasher(flow_key);
  reassembly.table_ = std::move(*table);
  reassembly.scratch_ = std::move(*scratch);
  return reassembly;
}

std::uint32_t FragmentReassembly::begin_burst(Nanoseconds now) noexcept {
  now_ = tick_of(now);
  shortage_.note(table_.datagrams() - table_.open_datagrams(), table_.datagrams(), now_);
  shortage_.note(table_.free_blocks(), table_.blocks(), now_);
  return shortage_.is_felt(now_) ? table_.give_up_older(kShortTicks, now_) : 0;
}

FragmentReassembly::Taken FragmentReassembly::take(const Frame& frame, const Decoded& decoded,
                                                   unsigned level) noexcept {
  Taken taken{pass(FrameReason::pass_fragment), {}, 0};
  if (!may_hold_requests(decoded)) return taken;
  const ByteView bytes{frame.data, frame.length};
  const ByteView data = bytes.subspan(decoded.payload_offset, decoded.payload_length);
  const FragmentPart& part = decoded.fragment;
  if (part.offset == 0 && !holds_all_headers(part.protocol, decoded.flow.is_ipv4, data)) {
    taken.fate = drop(FrameReason::drop_fragment_invalid);
    return taken;
  }
  if (level == kMaxWholeDatagrams) {
    taken.uninspected = 1;
    return taken;
  }
  const auto [outcome, datagram, given_up] =
      table_.take({hasher_.datagram(decoded.flow, part, frame.realm), hasher_.source(decoded.flow, frame.realm), part,
                   data, path_of(bytes, decoded)},
                  now_);
  taken.uninspected = given_up;
  switch (outcome) {
    case FragmentOutcome::kept: break;
    case FragmentOutcome::whole:
      taken.fate.reset();
      taken.whole = put_together(frame, decoded, datagram, scratch_[level]);
      break;
    case FragmentOutcome::not_followed: ++taken.uninspected; break;
    case FragmentOutcome::invalid: taken.fate = drop(FrameReason::drop_fragment_invalid); break;
    case FragmentOutcome::overlap: taken.fate = drop(FrameReason::drop_fragment_overlap); break;
    case FragmentOutcome::stopped: taken.fate = drop(FrameReason::drop_blocked_stream); break;
  }
  return taken;
}

// The datagram behind the link header of its last fragment, so that a frame can be sent in answer; where there is more
// around it than that, by itself.
Frame FragmentReassembly::put_together(const Frame& frame, const Decoded& decoded, DatagramIndex datagram,
                                       Scratch& scratch) noexcept {
  std::uint8_t* bytes = scratch.bytes.data();
  const bool is_bare = decoded.carriers > 0 || decoded.marks.lengths;
  std::size_t at = is_bare ? 0 : decoded.ip_offset;
  std::memcpy(bytes, frame.data, at);
  const std::uint32_t length = table_.length(datagram);
  const std::uint8_t protocol = table_.protocol(datagram);
  at += decoded.flow.is_ipv4 ? write_ipv4(decoded, protocol, length, bytes + at)
                             : write_ipv6(decoded, protocol, length, bytes + at);
  table_.read(datagram, {bytes + at, length});
  scratch.datagram = datagram;
  scratch.headers = static_cast<std::uint32_t>(at);
  return {bytes,       static_cast<std::uint32_t>(at + length),         frame.side,
          frame.realm, is_bare ? LinkType::whole_datagram : frame.link, frame.pair};
}

FragmentReassembly::Taken FragmentReassembly::settle(Frame& whole, const Fate& fate, unsigned level) noexcept {
  const Scratch& scratch = scratch_[level];
  const std::uint32_t length = scratch.headers + table_.length(scratch.datagram);
  const bool unaltered =
      table_.equals(scratch.datagram, ByteView{scratch.bytes}.subspan(scratch.headers, whole.length - scratch.headers));
  Taken settled{fate, {}, 0};
  if (forwards(fate.reason) && unaltered) {
    settled.uninspected = table_.retire(scratch.datagram, now_);
  } else {
    settled.uninspected = table_.stop(scratch.datagram, now_);
    if (fate.reason == FrameReason::pass_cut) {
      settled.fate = drop(FrameReason::drop_listed);
    } else if (forwards(fate.reason)) {
      settled.fate = drop(FrameReason::drop_invalid_segment);
    } else {
      settled.fate->wipe = true;
    }
  }
  wipe({whole.data, length});
  return settled;
}

}  // namespace parapet::packet
