// SPDX-License-Identifier: Apache-2.0
// A pipeline with a small list, and a server that takes what it forwards.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packet/flow/stream_key.h"
#include "packet/pipeline/pipeline.h"
#include "packet_builder.h"
#include "requests.h"
#include "tiny_list.h"

namespace parapet::packet {

using support::Bytes;
using support::Ends;
using support::PacketBuilder;
using support::Sent;
using support::TcpConversation;
using support::TinyList;

// What became of one frame.
struct Seen {
  Fate fate;
  Bytes bytes;  // as it goes on; what is left in the buffer where it does not
  std::vector<Injection> injections;
  bool forwarded() const { return forwards(fate.reason); }
};

// A server's TCP: takes each byte once, in any order, from segments whose checksum is right.
class Receiver {
 public:
  explicit Receiver(std::uint32_t first_seq) : first_seq_(first_seq) {}

  void take(ByteView frame) {
    const Decoded decoded = decode_packet(frame, LinkType::ethernet);
    if (decoded.outcome != DecodeOutcome::tcp || !checksum_fits(frame, decoded)) return;
    for (std::uint32_t i = 0; i < decoded.payload_length; ++i) {
      const std::int32_t at = seq_distance(decoded.seq + i, first_seq_);
      if (at < 0 || at > 1 << 20) continue;
      const auto place = static_cast<std::size_t>(at);
      if (place >= bytes_.size()) {
        bytes_.resize(place + 1);
        there_.resize(place + 1);
      }
      if (there_[place]) continue;
      bytes_[place] = static_cast<char>(frame[decoded.payload_offset + i]);
      there_[place] = true;
    }
    while (in_order_ < there_.size() && there_[in_order_]) ++in_order_;
  }
  // What its application can read.
  std::string stream() const { return bytes_.substr(0, in_order_); }

 private:
  std::uint32_t first_seq_;
  std::string bytes_;
  std::vector<bool> there_;
  std::size_t in_order_ = 0;
};

class Rig {
 public:
  explicit Rig(std::initializer_list<std::string> entries, const PipelineOptions& options = small())
      : Rig(std::vector<support::TinyEntries>{{"tiny", snapshot::ListState::enforce, entries}}, options) {}
  explicit Rig(const std::vector<support::TinyEntries>& lists, const PipelineOptions& options = small())
      : list_(lists) {
    auto made = Pipeline::create(options, kFlowKey, support::kTestKey, block_);
    if (!made) throw std::runtime_error(made.error().context);
    pipeline_ = std::move(*made);
  }

  static PipelineOptions small() {
    PipelineOptions options;
    options.handshake_slots = 1024;
    options.records = 256;
    options.messages = 64;
    options.kept_blocks = 512;
    options.limits.fragment_datagrams = 64;
    options.limits.fragment_blocks = 256;
    options.limits.quic_connections = 16;
    options.limits.http2_connections = 16;
    return options;
  }

  Seen send(const Sent& sent, LinkType link = LinkType::ethernet, Realm realm = {}) {
    Seen seen;
    seen.bytes = sent.bytes;
    seen.bytes.shrink_to_fit();
    Frame frame{seen.bytes.data(), static_cast<std::uint32_t>(seen.bytes.size()), sent.side, realm, link};
    InjectionQueue injections;
    const InForce in_force{no_snapshot_ ? nullptr : &list_.snapshot(), ahead_ns_};
    pipeline_->process({&frame, 1}, {&seen.fate, 1}, in_force, now_, injections);
    seen.bytes.resize(frame.length);
    seen.injections.assign(injections.all().begin(), injections.all().end());
    return seen;
  }
  std::vector<Seen> send_all(const std::vector<Sent>& all) {
    std::vector<Seen> seen;
    for (const Sent& sent : all) seen.push_back(send(sent));
    return seen;
  }
  void shake_hands(const TcpConversation& conversation) {
    for (const Sent& sent : conversation.handshake()) EXPECT_EQ(send(sent).bytes, sent.bytes);
  }

  void wait(Nanoseconds time) { now_ += time; }
  void set_ahead(Nanoseconds ahead_ns) { ahead_ns_ = ahead_ns; }
  void without_snapshot() { no_snapshot_ = true; }

  std::uint64_t reason(FrameReason r) const { return block_.reasons[index_of(r)]; }
  std::uint64_t uninspected(UninspectedReason r) const { return block_.uninspected[index_of(r)]; }
  std::uint64_t uninspected() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t value : block_.uninspected) sum += value;
    return sum;
  }
  std::uint64_t requests(Protocol p, Verdict v) const { return block_.requests[index_of(p)][index_of(v)]; }
  std::uint64_t actions(ActionKind a) const { return block_.actions[index_of(a)]; }
  const counters::WorkerBlock& block() const { return block_; }
  Pipeline& pipeline() { return *pipeline_; }
  const snapshot::Snapshot& snapshot() const { return list_.snapshot(); }
  Nanoseconds now() const { return now_; }

 private:
  static constexpr digest::Key kFlowKey{11, 22};
  TinyList list_;
  counters::WorkerBlock block_{};
  std::unique_ptr<Pipeline> pipeline_;
  Nanoseconds now_ = 1000 * kNanosecondsPerSecond;
  Nanoseconds ahead_ns_ = 0;
  bool no_snapshot_ = false;
};

inline const std::string kListed = "listed.example.test";
inline const std::string kOther = "other.example.test";

inline Decoded decode(ByteView frame) { return decode_packet(frame, LinkType::ethernet); }
inline Decoded decode(const Injection& injection) {
  return decode_packet(ByteView{injection.bytes}.first(injection.length), LinkType::ethernet);
}

}  // namespace parapet::packet
