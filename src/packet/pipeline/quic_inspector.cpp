// SPDX-License-Identifier: Apache-2.0
// From a datagram to its fate: which keys, which hello, which verdict.
#include "packet/pipeline/quic_inspector.h"

#include <algorithm>

namespace parapet::packet {
namespace {

constexpr std::uint16_t kHintPort = 443;  // where an unknown version is taken for QUIC
// RFC 9000 §14.1: a server discards an Initial in a datagram with a shorter payload.
constexpr std::size_t kMinServerDatagram = 1200;

// So many CRYPTO frames cost about what a key does. Honest clients cut a hello into a dozen or so.
constexpr std::uint32_t kFramesPerTry = 32;

constexpr Fate pass(FrameReason reason) noexcept { return {reason, false}; }
constexpr Fate drop(FrameReason reason) noexcept { return {reason, true}; }

// The names that are finished, and the one that may be begun.
void wipe_names(RequestText& text) noexcept {
  const std::size_t names = std::min<std::size_t>(text.name_count + std::size_t{1}, kMaxNames);
  wipe(text.names.data(), names * sizeof(RequestText::Name));
  text.clear();
}

}  // namespace

Result<std::unique_ptr<QuicInspector>> QuicInspector::create(const PipelineOptions& options,
                                                             const digest::Key& flow_key, RequestJudge& judge,
                                                             counters::WorkerBlock& block) {
  if (options.limits.quic_initials_per_s == 0) {
    return fail(ErrorCode::invalid_argument, "QUIC Initials per second: at least 1 is needed");
  }
  auto opener = InitialOpener::create();
  if (!opener) return std::unexpected(opener.error());
  auto connections = QuicConnections::create(options.limits.quic_connections, options.limits.quic_hello_bytes);
  if (!connections) return std::unexpected(connections.error());
  std::unique_ptr<QuicInspector> inspector(new QuicInspector(judge, block, flow_key, options.limits));
  inspector->opener_ = std::move(*opener);
  inspector->connections_ = std::move(*connections);
  inspector->set_block_hold(options.block_hold_ns);
  return inspector;
}

void QuicInspector::begin_burst(Nanoseconds now) noexcept {
  second_ = static_cast<std::uint32_t>(now / kNanosecondsPerSecond);
  budget_.refill(now);
  connections_.begin_burst(tick_of(now));
}

std::optional<Fate> QuicInspector::inspect(const Datagram& datagram) noexcept {
  LongHeader header;
  ByteView rest = datagram.payload;
  HeaderOutcome outcome = read_long_header(rest, header);
  if (outcome == HeaderOutcome::unknown_version) return take_unknown_version(datagram);
  if (outcome == HeaderOutcome::none) return std::nullopt;
  ++datagram_;
  const Ends ends = ends_of(datagram);
  Reading reading;
  // RFC 9000 §12.2: packets follow each other; a short header or padding goes to the datagram's end.
  for (; outcome == HeaderOutcome::packet && !reading.stops(); outcome = read_long_header(rest, header)) {
    if (names_blocked(ends, header.destination)) {
      reading.blocked = true;
    } else if (header.type == LongPacket::initial) {
      take_initial(datagram, ends, rest.first(header.length), header, reading);
    }
    rest = rest.subspan(header.length);
  }
  opener_.wipe_payload();
  if (has_fresh_) settle_fresh(ends, reading);
  return fate_of(reading);
}

std::optional<Fate> QuicInspector::take_unknown_version(const Datagram& datagram) noexcept {
  if (datagram.decoded.flow.destination_port != kHintPort) return std::nullopt;
  judge_.count_uninspected(UninspectedReason::quic_version);
  return pass(FrameReason::pass_uninspected);
}

QuicInspector::Ends QuicInspector::ends_of(const Datagram& datagram) noexcept {
  const StreamKey key = stream_key_of(datagram.decoded.flow, Side::subscriber, datagram.realm);
  return {key, hasher_.stream(key), SubscriberShares::place_of(hasher_.subscriber(key))};
}

// Whether the id is that of a connection whose listed hello was stopped: early data of it, or its hello again.
bool QuicInspector::names_blocked(const Ends& ends, const ConnectionId& destination) noexcept {
  for (ConnectionIndex at = first_between(ends); at != kNoConnection; at = connections_.next(at)) {
    const QuicConnection& connection = connections_[at];
    if (connection.state == HelloState::blocked && connection.first_destination == destination) return true;
  }
  return false;
}

// --- which keys ---

void QuicInspector::take_initial(const Datagram& datagram, const Ends& ends, ByteView packet, const LongHeader& header,
                                 Reading& reading) noexcept {
  for (ConnectionIndex at = first_between(ends); at != kNoConnection; at = connections_.next(at)) {
    if (connections_[at].first_destination == header.destination) {
      take_known(datagram, ends, packet, header, at, reading);
      return;
    }
  }
  if (take_own(datagram, ends, packet, header, reading) || reading.stops()) return;
  for (ConnectionIndex at = first_between(ends); at != kNoConnection; at = connections_.next(at)) {
    if (take_known(datagram, ends, packet, header, at, reading) || reading.stops()) return;
  }
}

// Whether the budget allows to try a key.
bool QuicInspector::may_try(const Datagram& datagram, const Ends& ends, Reading& reading) noexcept {
  if (connections_.shares().spent(ends.subscriber, second_) >= budget_.most_of_one()) {
    reading.decoy = true;
    return false;
  }
  if (!budget_.empty() && !(budget_.is_low() && datagram.payload.size() < kMinServerDatagram)) return true;
  if (!reading.uninspected) judge_.count_uninspected(UninspectedReason::quic_budget);
  reading.uninspected = true;
  return false;
}

void QuicInspector::spend(const Ends& ends, std::uint32_t tries) noexcept {
  budget_.spend(tries);
  connections_.shares().spend(ends.subscriber, second_, tries);
}

// With the keys of the packet's own destination id, as a connection that begins here.  out: whether it opened
bool QuicInspector::take_own(const Datagram& datagram, const Ends& ends, ByteView packet, const LongHeader& header,
                             Reading& reading) noexcept {
  if (!may_try(datagram, ends, reading)) return false;
  const bool goes_on = has_fresh_ && fresh_.first_destination == header.destination;
  QuicConnection begun{};
  begun.first_destination = header.destination;
  begun.version = header.version;
  begun.keys = schedule_.client_keys(header.version, header.destination);
  begun.first_datagram = datagram_;
  QuicConnection& connection = goes_on ? fresh_ : begun;
  const std::optional<OpenedInitial> opened = open(packet, header, ends, connection);
  if (!opened) return false;
  if (has_fresh_ && !goes_on) {  // no client begins two connections in one datagram
    reading.decoy = true;
    return true;
  }
  if (!goes_on) fresh_ = begun;
  has_fresh_ = true;
  read_opened(datagram, ends, *opened, fresh_, kNoConnection, reading);
  return true;
}

// With the keys of a known connection.  out: whether it opened
bool QuicInspector::take_known(const Datagram& datagram, const Ends& ends, ByteView packet, const LongHeader& header,
                               ConnectionIndex index, Reading& reading) noexcept {
  if (!may_try(datagram, ends, reading)) return false;
  QuicConnection& connection = connections_[index];
  const std::optional<OpenedInitial> opened = open(packet, header, ends, connection);
  if (!opened) return false;
  connections_.touch(index);
  if (connection.state == HelloState::blocked) {
    reading.blocked = true;
    return true;
  }
  read_opened(datagram, ends, *opened, connection, index, reading);
  const bool unfinished = connection.hello.is_unfinished(connections_.kept());
  connections_.set_state(index, reading.listed ? HelloState::blocked
                                : unfinished   ? HelloState::unfinished
                                               : HelloState::finished);
  return true;
}

// RFC 9369 §4: a client that changes its version in mid-handshake keeps the id that its keys come from.
std::optional<OpenedInitial> QuicInspector::open(ByteView packet, const LongHeader& header, const Ends& ends,
                                                 QuicConnection& connection) noexcept {
  const InitialKeys keys = header.version == connection.version
                               ? connection.keys
                               : schedule_.client_keys(header.version, connection.first_destination);
  std::uint32_t tries = 0;
  const auto opened = opener_.open(packet, header, keys, connection.numbers, tries);
  spend(ends, tries);
  if (opened) {
    connection.version = header.version;
    connection.keys = keys;
  }
  return opened;
}

// --- which hello ---

void QuicInspector::read_opened(const Datagram& datagram, const Ends& ends, const OpenedInitial& opened,
                                QuicConnection& connection, ConnectionIndex spared, Reading& reading) noexcept {
  reading.opened = true;
  if (!connection.numbers.note(opened.number)) {
    reading.decoy = true;
    return;
  }
  bool given_up = false;
  connections_.make_room(spared, given_up);
  if (given_up) judge_.count_uninspected(UninspectedReason::quic_pool);
  HelloAssembly assembly(connections_.kept(), hello_cap_);
  CryptoFrames frames(opened.payload);
  std::uint32_t count = 0;
  for (CryptoFrame frame; frames.next(frame);) {
    if (++count % kFramesPerTry == 0) spend(ends, 1);
    switch (assembly.take(connection.hello, frame)) {
      case CryptoOutcome::known: break;
      case CryptoOutcome::taken: connection.in_parts |= connection.first_datagram != datagram_; break;
      case CryptoOutcome::conflict: reading.decoy = true; return;
      case CryptoOutcome::no_block:
        judge_.count_uninspected(UninspectedReason::quic_pool);
        reading.uninspected = true;
        return;
    }
  }
  judge_hellos(datagram, assembly, connection, reading);
}

void QuicInspector::judge_hellos(const Datagram& datagram, HelloAssembly& assembly, QuicConnection& connection,
                                 Reading& reading) noexcept {
  bool ech_present = false;
  while (!reading.listed && assembly.next(connection.hello, text_, ech_present) == HelloOutcome::hello) {
    if (ech_present) counters::add(block_.ech_present);
    const RequestJudge::Judged judged =
        judge_.judge_request(Protocol::quic, text_, {datagram.index, &datagram.decoded.flow, datagram.realm});
    wipe_names(text_);
    reading.requests = true;
    reading.shadow |= judged.verdict == Verdict::shadow;
    reading.listed |= judged.verdict == Verdict::block;
    reading.uninspected |= judged.uninspected;
  }
  reading.pending |= connection.hello.is_unfinished(connections_.kept());
  if (reading.listed) connections_.kept().release_all(connection.hello.chain);
  if (connection.hello.over_cap && !connection.cap_counted) {
    connection.cap_counted = true;
    judge_.count_uninspected(UninspectedReason::quic_cap);
    reading.uninspected = true;
  }
}

// --- what becomes of it ---

// The connection that this datagram began: kept if it can be, and refused where an honest client has no such.
void QuicInspector::settle_fresh(const Ends& ends, Reading& reading) noexcept {
  has_fresh_ = false;
  const bool unfinished = fresh_.hello.is_unfinished(connections_.kept());
  const bool refused = reading.stops() && !reading.listed;
  fresh_.state = reading.listed ? HelloState::blocked : unfinished ? HelloState::unfinished : HelloState::finished;
  if (!refused) {
    bool given_up = false;
    const AddOutcome outcome = connections_.add(ends.key, ends.hash, ends.subscriber, fresh_, given_up);
    if (outcome == AddOutcome::no_place && unfinished && !reading.listed) reading.uninspected = given_up = true;
    if (given_up) judge_.count_uninspected(UninspectedReason::quic_pool);
    reading.decoy |= outcome == AddOutcome::too_many && unfinished && !reading.listed;
    if (outcome == AddOutcome::added) return;
  }
  connections_.kept().release_all(fresh_.hello.chain);
}

std::optional<Fate> QuicInspector::fate_of(const Reading& reading) noexcept {
  if (reading.listed) return drop(FrameReason::drop_listed);
  if (reading.blocked) return drop(FrameReason::drop_blocked_stream);
  if (reading.decoy) return drop(FrameReason::drop_quic_decoys);
  if (reading.uninspected) return pass(FrameReason::pass_uninspected);
  if (!reading.opened) return std::nullopt;
  if (reading.shadow) return pass(FrameReason::pass_shadow);
  return pass(reading.pending && !reading.requests ? FrameReason::pass_pending : FrameReason::pass_unlisted);
}

}  // namespace parapet::packet
