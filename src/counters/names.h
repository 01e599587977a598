// SPDX-License-Identifier: Apache-2.0
// THE names: why each frame left, what was asked for, what could not be read. One table each; the name in the table is
// the enum value, the counter and the metric label. docs/metrics.md is generated from here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parapet {

// Every frame that came in has one of these; tx_full and too_long come besides. pass_*: forwarded, drop_*: not.
#define PARAPET_FRAME_REASONS(X)                                                                  \
  X(pass_not_ip, "neither IPv4 nor IPv6: LACP, LLDP, STP, ARP, PTP, unknown types")               \
  X(pass_other_protocol, "IP, but neither TCP nor UDP")                                           \
  X(pass_malformed, "headers that cannot be read; left to the end to refuse")                     \
  X(pass_fragment, "an IP fragment whose datagram is not whole yet, or could not be followed")    \
  X(pass_bad_checksum, "its TCP or UDP checksum is wrong, so no end will believe it")             \
  X(pass_from_transit, "from the transit side: responses")                                        \
  X(pass_no_payload, "TCP without payload: SYN, ACK, FIN, RST")                                   \
  X(pass_bulk, "payload of a stream that asks for nothing readable, or of a settled one")         \
  X(pass_pending, "part of a request that is not complete yet")                                   \
  X(pass_unlisted, "completes or continues requests that no enforcing list holds")                \
  X(pass_cut, "the part before a listed request; the listed rest was cut off")                    \
  X(pass_shadow, "completes a request that a list in shadow holds")                               \
  X(pass_uninspected, "could have been read and was not; see uninspected")                        \
  X(drop_listed, "completes a listed request")                                                    \
  X(drop_blocked_stream, "client payload of a stream whose listed request was stopped")           \
  X(drop_reorder_cap, "too far ahead of an unfinished request to be kept; TCP sends it again")    \
  X(drop_invalid_segment, "a TCP segment that no server accepts: decoys, old copies")             \
  X(drop_fragment_overlap, "a fragment that overlaps others of its datagram, or their rest")      \
  X(drop_fragment_invalid, "a fragment no end need take: headers cut, beyond 64 KiB, 65th piece") \
  X(drop_invalid_headers, "IPv6 headers in an order that every end refuses")                      \
  X(drop_quic_decoys, "QUIC connections begun faster between two ends than can be read")          \
  X(drop_tx_full, "the other port took no more")                                                  \
  X(drop_ring_full, "the worker that owns the stream took no more")                               \
  X(drop_stale, "left in a ring while the kernel went around the edge")                           \
  X(drop_too_long, "longer than the other port can send")

// Readable, but not read. The frame was forwarded.
#define PARAPET_UNINSPECTED_REASONS(X)                                       \
  X(no_snapshot, "no list has been loaded yet")                              \
  X(fragment, "an IP fragment that could hold a request")                    \
  X(encapsulation_depth, "carriers stacked deeper than the limit")           \
  X(extension_headers, "an IPv6 extension chain over the limits")            \
  X(record_pool, "no free record for a new stream")                          \
  X(record_evicted, "an unfinished stream gave way to a newer one")          \
  X(message_pool, "no free message buffer")                                  \
  X(kept_pool, "no free block for forwarded bytes")                          \
  X(header_cap, "HTTP head over the limit")                                  \
  X(target_cap, "HTTP target over 4,096 bytes; prefixes were still read")    \
  X(hello_cap, "TLS hello over the limit, or too many names in it")          \
  X(quic_version, "a QUIC version that cannot be read")                      \
  X(quic_budget, "more QUIC Initials a second than the limit")               \
  X(quic_pool, "no free record for a QUIC connection")                       \
  X(quic_cap, "a QUIC hello over the limit")                                 \
  X(http2_pool, "no free record for a cleartext HTTP/2 connection")          \
  X(http2_cap, "cleartext HTTP/2 over a limit, or broken")                   \
  X(name_malformed, "a name that is no host name")                           \
  X(framing, "HTTP framing that cannot be followed")                         \
  X(upgraded, "HTTP stream that became something else (CONNECT, Upgrade)")   \
  X(kernel_bypass, "crossed in the kernel while no live edge held the port") \
  X(jumbo, "crossed in the kernel because it is over 3,400 bytes")           \
  X(missed_bytes, "acknowledged by the server, but never seen here: they went another way")

// What a request came by. The order is the counter's index.
#define PARAPET_PROTOCOLS(X) X(http) X(tls) X(quic) X(dns)

// What became of a request.
#define PARAPET_VERDICTS(X)                                \
  X(pass, "no enforcing list holds it")                    \
  X(shadow, "only lists in shadow hold it: counted alone") \
  X(block, "an enforcing list holds it")

// What was altered or sent by us.
#define PARAPET_ACTIONS(X)                                                                        \
  X(reset_to_client, "TCP reset sent to the subscriber")                                          \
  X(reset_to_server, "TCP reset sent to the server")                                              \
  X(reset_withheld, "no reset: handshake not seen, or earlier answers still under way")           \
  X(rewritten_retransmission, "a conflicting retransmission overwritten with the accepted bytes") \
  X(rewritten_cut, "a segment cut just before a listed request")                                  \
  X(rewritten_urgent, "the urgent mark taken off, so that all ends read the same bytes")          \
  X(rewritten_mptcp, "Multipath TCP taken out of a SYN, so that the stream stays on this path")

#define PARAPET_ENUM_VALUE(name, ...) name,
#define PARAPET_ENUM_NAME(name, ...) #name,
#define PARAPET_ENUM_HELP(name, help) help,

enum class FrameReason : std::uint8_t { PARAPET_FRAME_REASONS(PARAPET_ENUM_VALUE) count_ };
enum class UninspectedReason : std::uint8_t { PARAPET_UNINSPECTED_REASONS(PARAPET_ENUM_VALUE) count_ };
enum class Protocol : std::uint8_t { PARAPET_PROTOCOLS(PARAPET_ENUM_VALUE) count_ };
enum class Verdict : std::uint8_t { PARAPET_VERDICTS(PARAPET_ENUM_VALUE) count_ };
enum class ActionKind : std::uint8_t { PARAPET_ACTIONS(PARAPET_ENUM_VALUE) count_ };

template <typename Enum>
inline constexpr std::size_t kCountOf = static_cast<std::size_t>(Enum::count_);
template <typename Enum>
constexpr std::size_t index_of(Enum value) noexcept {
  return static_cast<std::size_t>(value);
}

inline constexpr std::array<std::string_view, kCountOf<FrameReason>> kFrameReasonNames{
    PARAPET_FRAME_REASONS(PARAPET_ENUM_NAME)};
inline constexpr std::array<std::string_view, kCountOf<FrameReason>> kFrameReasonHelp{
    PARAPET_FRAME_REASONS(PARAPET_ENUM_HELP)};
inline constexpr std::array<std::string_view, kCountOf<UninspectedReason>> kUninspectedNames{
    PARAPET_UNINSPECTED_REASONS(PARAPET_ENUM_NAME)};
inline constexpr std::array<std::string_view, kCountOf<UninspectedReason>> kUninspectedHelp{
    PARAPET_UNINSPECTED_REASONS(PARAPET_ENUM_HELP)};
inline constexpr std::array<std::string_view, kCountOf<Protocol>> kProtocolNames{PARAPET_PROTOCOLS(PARAPET_ENUM_NAME)};
inline constexpr std::array<std::string_view, kCountOf<Verdict>> kVerdictNames{PARAPET_VERDICTS(PARAPET_ENUM_NAME)};
inline constexpr std::array<std::string_view, kCountOf<Verdict>> kVerdictHelp{PARAPET_VERDICTS(PARAPET_ENUM_HELP)};
inline constexpr std::array<std::string_view, kCountOf<ActionKind>> kActionNames{PARAPET_ACTIONS(PARAPET_ENUM_NAME)};
inline constexpr std::array<std::string_view, kCountOf<ActionKind>> kActionHelp{PARAPET_ACTIONS(PARAPET_ENUM_HELP)};

constexpr std::string_view name_of(FrameReason reason) noexcept { return kFrameReasonNames[index_of(reason)]; }
constexpr std::string_view name_of(UninspectedReason reason) noexcept { return kUninspectedNames[index_of(reason)]; }
constexpr std::string_view name_of(Protocol protocol) noexcept { return kProtocolNames[index_of(protocol)]; }
constexpr std::string_view name_of(Verdict verdict) noexcept { return kVerdictNames[index_of(verdict)]; }
constexpr std::string_view name_of(ActionKind action) noexcept { return kActionNames[index_of(action)]; }

constexpr bool forwards(FrameReason reason) noexcept { return index_of(reason) < index_of(FrameReason::drop_listed); }

}  // namespace parapet
