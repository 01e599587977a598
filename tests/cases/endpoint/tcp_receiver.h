// SPDX-License-Identifier: Apache-2.0
// A listening TCP as Linux runs it: which segments it takes, what its application can read, what it answers.
//
// Written from RFC 9293, RFC 5961, RFC 7323 and what net/ipv4/tcp_input.c and tcp_minisocks.c do; shares nothing with
// src/. The application reads all there is at once. One peer; connections follow one another.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "support_bytes.h"

namespace parapet::cases {

using support::Bytes;

// How ends differ.
struct TcpManners {
  bool fast_open = false;       // data of a SYN is taken (RFC 7413)
  bool urgent_inline = false;   // SO_OOBINLINE: the urgent byte stays in the stream
  bool takes_anything = false;  // an end that checks neither ACK flag nor number, MD5 option, timestamps
};

struct TcpReply {
  std::uint8_t flags;
  std::uint32_t seq, ack;
  bool timestamped;
  std::uint32_t echo;  // of the client's timestamp
};

class TcpReceiver {
 public:
  explicit TcpReceiver(TcpManners manners) : manners_(manners) {}

  // One segment whose IP layer was right: header and payload, and the pseudo header its checksum covers.
  std::vector<TcpReply> take(ByteView segment, const Bytes& source, const Bytes& destination, Nanoseconds now);

  // What the application of each connection could read, the latest last.
  const std::vector<Bytes>& streams() const { return streams_; }
  std::uint32_t next_sent() const { return sent_next_; }  // the server's own next sequence number
  std::uint32_t next_expected() const { return expected_; }
  bool is_established() const { return state_ == State::established; }
  // The application sends bytes; the caller makes the segment.
  std::uint32_t send(std::uint32_t count);

 private:
  enum class State : std::uint8_t { listen, syn_received, established, closed };
  struct Segment {
    std::uint32_t seq, ack;
    std::uint8_t flags;
    std::uint16_t window, urgent;
    std::optional<std::uint32_t> timestamp;
    bool md5;
    ByteView payload;
    std::uint32_t end() const;  // SYN and FIN take a number each
    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  };
  static std::optional<Segment> read(ByteView bytes);

  std::vector<TcpReply> take_in_listen(const Segment& segment);
  std::vector<TcpReply> take_in_syn_received(const Segment& segment);
  std::vector<TcpReply> take_in_established(const Segment& segment);
  bool acknowledges_well(const Segment& segment) const;
  bool is_too_old(const Segment& segment, std::int32_t tolerance) const;
  void note_timestamp(const Segment& segment);
  void note_urgent(const Segment& segment);
  void take_bytes(std::uint32_t seq, ByteView bytes);
  void take_early(std::uint32_t seq, ByteView bytes);
  void read_application();
  TcpReply reply(std::uint8_t flags) const;

  TcpManners manners_;
  State state_ = State::listen;
  std::vector<Bytes> streams_;
  std::map<std::uint32_t, Bytes> early_;  // by distance from first_
  Bytes received_;                        // in order, from first_ on; the application has read read_ of them
  std::size_t read_ = 0;
  std::uint32_t first_ = 0, expected_ = 0;
  std::uint32_t acknowledged_ = 0;  // what was expected when the last ACK was sent
  std::uint32_t sent_isn_ = 0x51000000, sent_next_ = 0, sent_acked_ = 0;
  std::uint32_t peer_window_ = 0;  // the largest the client has offered
  bool timestamps_ = false;
  std::uint32_t latest_timestamp_ = 0;
  std::optional<std::uint32_t> urgent_;
  bool finished_ = false;  // a FIN was taken
};

}  // namespace parapet::cases
