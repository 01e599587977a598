// SPDX-License-Identifier: Apache-2.0
// The packet's way in its order: decode → flow → extract → match → decide → act. The one place that knows it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "counters/layout.h"
#include "digest/key.h"
#include "packet/decode/decode.h"
#include "packet/extract/request_text.h"
#include "packet/flow/realm_rules.h"
#include "snapshot/snapshot.h"

namespace parapet::packet {

inline constexpr std::size_t kMaxBurst = 32;
inline constexpr std::size_t kMaxInjectedLength = 320;  // carriers (encapsulation.h), IPv6 and TCP without payload

// One frame in a buffer that the caller owns. The pipeline may alter bytes in place and shorten it.
struct Frame {
  std::uint8_t* data;    // the link layer's first byte
  std::uint32_t length;  // bytes; made smaller when a segment is cut
  Side side;             // where it came in from
  Realm realm;           // its pair's; process() puts that of a rule here
  LinkType link;         // ethernet on ports; captures have others
  PairIndex pair{};
};

// What is to become of it. `reason` says whether it is forwarded (forwards(reason)). A frame whose `wipe` is set holds
// a listed name: the caller overwrites its buffer before anybody else can have it.
struct Fate {
  FrameReason reason;
  bool wipe;
};

// A frame of our own, to be sent out on `out`.
struct Injection {
  Side out;
  Realm realm;
  std::uint16_t length;
  std::array<std::uint8_t, kMaxInjectedLength> bytes;
};

// Frames made while one burst was judged: at most two (client, server) for each.
class InjectionQueue {
 public:
  void clear() noexcept { size_ = 0; }
  Injection* add() noexcept { return size_ < queue_.size() ? &queue_[size_++] : nullptr; }
  std::span<const Injection> all() const noexcept { return {queue_.data(), size_}; }

 private:
  std::array<Injection, kMaxBurst * 2> queue_;
  std::size_t size_ = 0;
};

// The snapshot that a burst is judged by, and the time that its lists end by.
struct InForce {
  // nullptr: everything passes, counted uninspected
  InForce(const snapshot::Snapshot* of, Nanoseconds ahead = 0) noexcept : snapshot(of), ahead_ns(ahead) {}

  const snapshot::Snapshot* snapshot;
  Nanoseconds ahead_ns;  // trusted real time minus `now`, modulo 2^64
};

// Told of each request; only replay sets one (one branch a request, none a packet). The views end with the call.
class RequestSink {
 public:
  struct Seen {
    std::size_t frame;  // index into the burst, of the frame that completed it
    Protocol protocol;
    Verdict verdict;
    ByteView host;    // as on the wire; HTTP: the target's where it has one
    ByteView target;  // HTTP alone: from the path on, as on the wire
    const FlowAddresses* flow;
    std::span<const digest::Digest> matched;  // the digests that were found, for looking up entry ids
    TargetForm target_form;
    ByteView host_field;  // HTTP: the first Host that stands in a field of its own
  };
  virtual ~RequestSink() = default;
  virtual void request(const Seen& seen) = 0;
};

enum class TcpAction : std::uint8_t { drop, reset };

// The bounds of what is read of one thing; over one of them something is counted as uninspected.
struct PipelineLimits {
  std::uint32_t encapsulation_depth = 4;    // carriers, tags not counted
  std::uint32_t fragment_datagrams = 8192;  // incomplete ones
  std::uint32_t fragment_blocks = 8192;     // of 1 KiB
  Nanoseconds fragment_timeout_ns = 30 * kNanosecondsPerSecond;
  std::uint32_t http_head_bytes = 1024 * 1024;
  std::uint32_t hello_bytes = 256 * 1024;
  std::uint32_t quic_connections = 2048;
  std::uint32_t quic_hello_bytes = 16 * 1024;
  std::uint32_t quic_initials_per_s = 300'000;
  std::uint32_t http2_connections = 256;
};

struct PipelineOptions {
  std::uint32_t handshake_slots = 65536;  // power of two
  std::uint32_t records = 65536;
  std::uint32_t messages = 4096;
  std::uint32_t kept_blocks = 16384;  // of 1 KiB
  Nanoseconds idle_timeout_ns = 300 * kNanosecondsPerSecond;
  Nanoseconds block_hold_ns = 120 * kNanosecondsPerSecond;
  TcpAction tcp_action = TcpAction::reset;
  PipelineLimits limits;
  RealmRules realms;
  bool strip_mptcp = true;
  bool verify_checksums = true;  // captures taken at a sending host hold unfinished ones
};

// One worker's packet path. All memory is taken in create(); process() allocates nothing, takes no lock, makes no
// system call and writes no log.
//   thread  one; nothing is shared but the counters' readers
class Pipeline {
 public:
  // flow_key: keys every flow table; random per boot. key: the digest key, whose bytes must outlive the pipeline.
  // block: this worker's counters, must outlive it.
  //   errors  invalid_argument (a size out of range) · limit (memory)
  static Result<std::unique_ptr<Pipeline>> create(const PipelineOptions& options, const digest::Key& flow_key,
                                                  const digest::Key& digest_key, counters::WorkerBlock& block);
  virtual ~Pipeline() = default;

  // Judges 1..kMaxBurst frames in order and counts each under its reason; tx counters are the caller's.
  //   in_force  for the whole burst
  //   now       CLOCK_MONOTONIC; never goes back
  //   fates     one per frame
  virtual void process(std::span<Frame> frames, std::span<Fate> fates, const InForce& in_force, Nanoseconds now,
                       InjectionQueue& injections) noexcept = 0;

  // Live settings; between two bursts.
  virtual void set_actions(TcpAction tcp) noexcept = 0;
  virtual void set_timeouts(Nanoseconds idle_ns, Nanoseconds block_hold_ns) noexcept = 0;
  virtual void set_request_sink(RequestSink* sink) noexcept = 0;
};

// Which of `workers` owns what goes on between the two addresses of this frame's innermost packet: both directions, all
// streams and fragments (which have no ports) go to the same one; keyed, so that nobody outside can choose it. Of a
// carrier that comes in fragments only its own ends are known. Frames that are no TCP, no fragment and none of QUIC's
// hellos belong to whoever received them.
//   cost  one decode of the headers and one SipHash of the addresses
class Steering {
 public:
  Steering(const digest::Key& flow_key, std::uint32_t workers, const RealmRules& realms = {}) noexcept
      : key_(flow_key), workers_(workers), realms_(realms) {}
  // Index of the owner, or `mine`.
  WorkerIndex owner_of(const Frame& frame, WorkerIndex mine) const noexcept;

 private:
  digest::Key key_;
  std::uint32_t workers_;
  RealmRules realms_;
};

}  // namespace parapet::packet
