// SPDX-License-Identifier: Apache-2.0
// The rules, each with where it comes from.
#include "tcp_receiver.h"

#include <algorithm>

#include "ip_packet.h"

namespace parapet::cases {
namespace {

constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16, kUrg = 32;
constexpr std::uint32_t kWindow = 65535;

// Sequence numbers: how far a lies behind b.
std::int32_t distance(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b); }

}  // namespace

std::uint32_t TcpReceiver::Segment::end() const {
  return seq + static_cast<std::uint32_t>(payload.size()) + (has(kSyn) ? 1u : 0u) + (has(kFin) ? 1u : 0u);
}

std::optional<TcpReceiver::Segment> TcpReceiver::read(ByteView bytes) {
  if (bytes.size() < 20) return {};
  const std::size_t header = std::size_t{bytes[12]} / 16 * 4;
  if (header < 20 || header > bytes.size()) return {};
  Segment segment{load_be32(bytes.data() + 4),
                  load_be32(bytes.data() + 8),
                  bytes[13],
                  load_be16(bytes.data() + 14),
                  load_be16(bytes.data() + 18),
                  {},
                  false,
                  bytes.subspan(header)};
  for (std::size_t at = 20; at < header && bytes[at] != 0;) {  // tcp_parse_options
    if (bytes[at] == 1) {
      ++at;
      continue;
    }
    if (at + 2 > header) break;
    const std::size_t length = bytes[at + 1];
    if (length < 2 || at + length > header) break;
    if (bytes[at] == 8 && length == 10) segment.timestamp = load_be32(bytes.data() + at + 2);
    if (bytes[at] == 19 && length == 18) segment.md5 = true;
    at += length;
  }
  return segment;
}

std::vector<TcpReply> TcpReceiver::take(ByteView bytes, const Bytes& source, const Bytes& destination, Nanoseconds) {
  const std::optional<Segment> segment = read(bytes);
  if (!segment) return {};
  const Bytes pseudo = support::pseudo_header(source, destination, 6, bytes.size());
  if (support::internet_checksum({pseudo, bytes}) != 0) return {};
  if (segment->md5 && !manners_.takes_anything) return {};  // tcp_inbound_md5_hash: none is agreed upon
  switch (state_) {
    case State::listen:
    case State::closed: return take_in_listen(*segment);
    case State::syn_received: return take_in_syn_received(*segment);
    case State::established: return take_in_established(*segment);
  }
  return {};
}

// RFC 9293 §3.10.7
std::vector<TcpReply> TcpReceiver::take_in_listen(const Segment& segment) {
  if (segment.has(kRst)) return {};
  if (segment.has(kAck) || !segment.has(kSyn) || segment.has(kFin)) return {};  // answered with a reset, or not at all
  state_ = State::syn_received;
  streams_.emplace_back();
  early_.clear();
  received_.clear();
  read_ = 0;
  urgent_.reset();
  finished_ = false;
  first_ = expected_ = segment.seq + 1;
  sent_isn_ += 0x01020304;
  sent_next_ = sent_isn_ + 1;
  sent_acked_ = sent_isn_;
  peer_window_ = segment.window;
  timestamps_ = segment.timestamp.has_value();
  latest_timestamp_ = segment.timestamp.value_or(0);
  if (manners_.fast_open && !segment.payload.empty()) take_bytes(first_, segment.payload);
  acknowledged_ = expected_;
  return {{kSyn | kAck, sent_isn_, expected_, timestamps_, latest_timestamp_}};
}

// tcp_check_req
std::vector<TcpReply> TcpReceiver::take_in_syn_received(const Segment& segment) {
  if (segment.seq == first_ - 1 && segment.has(kSyn) && !segment.has(kAck | kRst | kFin)) {  // the SYN again
    return {{kSyn | kAck, sent_isn_, expected_, timestamps_, latest_timestamp_}};
  }
  if (segment.has(kAck) && segment.ack != sent_isn_ + 1) return {};
  const bool in_window = distance(segment.end(), expected_) >= 0 && distance(segment.seq, expected_ + kWindow) < 0 &&
                         distance(segment.seq, first_ - 1) >= 0;
  if (!in_window || is_too_old(segment, 0))
    return segment.has(kRst) ? std::vector<TcpReply>{} : std::vector{reply(kAck)};
  if (segment.has(kRst | kSyn)) {
    state_ = State::closed;
    return {};
  }
  if (!segment.has(kAck)) return {};
  state_ = State::established;
  sent_acked_ = segment.ack;
  return take_in_established(segment);
}

// tcp_rcv_established, tcp_validate_incoming, tcp_ack, tcp_data_queue
std::vector<TcpReply> TcpReceiver::take_in_established(const Segment& segment) {
  if (!segment.has(kAck | kRst | kSyn) && !manners_.takes_anything) return {};
  if (is_too_old(segment, 1) && !segment.has(kRst)) return {reply(kAck)};
  if (distance(segment.end(), acknowledged_) < 0 || distance(segment.seq, expected_ + kWindow) > 0) {
    return segment.has(kRst) ? std::vector<TcpReply>{} : std::vector{reply(kAck)};
  }
  if (segment.has(kRst)) {  // RFC 5961 §3.2
    if (segment.seq != expected_) return {reply(kAck)};
    state_ = State::closed;
    return {};
  }
  if (segment.has(kSyn)) return {reply(kAck)};  // RFC 5961 §4.2
  if (!acknowledges_well(segment)) return {};
  peer_window_ = std::max<std::uint32_t>(peer_window_, segment.window);
  if (distance(segment.ack, sent_acked_) > 0) sent_acked_ = segment.ack;
  note_timestamp(segment);
  note_urgent(segment);
  const std::uint32_t before = expected_;
  if (!segment.payload.empty() && !finished_) take_bytes(segment.seq, segment.payload);
  if (segment.has(kFin) && !finished_ &&
      segment.seq + static_cast<std::uint32_t>(segment.payload.size()) == expected_) {
    finished_ = true;
    ++expected_;
  }
  if (segment.payload.empty() && before == expected_) return {};
  acknowledged_ = expected_;
  return {reply(kAck)};
}

// RFC 5961 §5.2. In its fast path (in sequence) Linux takes data with any number it could once have sent.
bool TcpReceiver::acknowledges_well(const Segment& segment) const {
  if (segment.has(kAck) && distance(segment.ack, sent_next_) > 0) return false;  // no end takes it
  if (manners_.takes_anything) return true;
  if (segment.seq == expected_ && early_.empty()) return true;
  return distance(segment.ack, sent_acked_ - peer_window_) >= 0;
}

// PAWS, RFC 7323 §5; a segment without a timestamp is taken.
bool TcpReceiver::is_too_old(const Segment& segment, std::int32_t tolerance) const {
  if (!timestamps_ || !segment.timestamp || latest_timestamp_ == 0 || manners_.takes_anything) return false;
  return distance(latest_timestamp_, *segment.timestamp) > tolerance;
}

// tcp_replace_ts_recent
void TcpReceiver::note_timestamp(const Segment& segment) {
  if (!timestamps_ || !segment.timestamp || distance(segment.seq, acknowledged_) > 0) return;
  if (distance(latest_timestamp_, *segment.timestamp) <= 0) latest_timestamp_ = *segment.timestamp;
}

// tcp_check_urg, with tcp_stdurg off: the pointer leads behind the urgent byte.
void TcpReceiver::note_urgent(const Segment& segment) {
  if (!segment.has(kUrg) || manners_.urgent_inline) return;
  const std::uint32_t at = segment.seq + segment.urgent - (segment.urgent != 0 ? 1u : 0u);
  if (distance(at, expected_) < 0) return;
  if (urgent_ && distance(at, *urgent_) <= 0) return;
  urgent_ = at;
}

void TcpReceiver::take_bytes(std::uint32_t seq, ByteView bytes) {
  const std::int32_t ahead = distance(seq, expected_);
  if (ahead > 0) return take_early(seq, bytes);
  if (static_cast<std::size_t>(-ahead) >= bytes.size()) return;
  support::append(received_, bytes.subspan(static_cast<std::size_t>(-ahead)));
  expected_ = first_ + static_cast<std::uint32_t>(received_.size());
  while (!early_.empty() && early_.begin()->first <= received_.size()) {  // tcp_ofo_queue
    const auto& [at, early] = *early_.begin();
    if (at + early.size() > received_.size())
      support::append(received_, ByteView{early}.subspan(received_.size() - at));
    early_.erase(early_.begin());
  }
  expected_ = first_ + static_cast<std::uint32_t>(received_.size());
  read_application();
}

// tcp_data_queue_ofo: what lies inside of an earlier segment is dropped, what covers earlier ones takes their place,
// and of two that overlap in part both stay.
void TcpReceiver::take_early(std::uint32_t seq, ByteView bytes) {
  const std::uint32_t begin = seq - first_, end = begin + static_cast<std::uint32_t>(bytes.size());
  for (const auto& [at, early] : early_) {
    if (at <= begin && end <= at + early.size()) return;
  }
  for (auto early = early_.lower_bound(begin); early != early_.end() && early->first + early->second.size() <= end;) {
    early = early_.erase(early);
  }
  early_[begin] = {bytes.begin(), bytes.end()};
}

// tcp_recvmsg: without SO_OOBINLINE the urgent byte is passed over when its turn comes.
void TcpReceiver::read_application() {
  for (; read_ < received_.size(); ++read_) {
    if (urgent_ && *urgent_ == first_ + static_cast<std::uint32_t>(read_)) {
      urgent_.reset();
    } else {
      streams_.back().push_back(received_[read_]);
    }
  }
}

TcpReply TcpReceiver::reply(std::uint8_t flags) const {
  return {flags, sent_next_, expected_, timestamps_, latest_timestamp_};
}

std::uint32_t TcpReceiver::send(std::uint32_t count) {
  const std::uint32_t seq = sent_next_;
  sent_next_ += count;
  return seq;
}

}  // namespace parapet::cases
