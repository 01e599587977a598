// SPDX-License-Identifier: Apache-2.0
// What is remembered of one client's side of a TCP stream while it is being read.
#pragma once

#include <cstdint>
#include <type_traits>

#include "packet/extract/extract.h"
#include "packet/flow/kept_bytes.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

enum class StreamState : std::uint8_t {
  reading,   // the parser goes on at next_seq
  finished,  // nothing from next_seq on needs reading; kept until the server acknowledges what is before
  blocked,   // a listed request was stopped: no byte from block_seq on goes to the server
};

// Sequence numbers are the client's. Plain data, all zero when free.
struct alignas(64) Stream {
  StreamParser parser;
  KeptChain kept;                  // from acked_seq on; what came out of order too
  std::uint32_t text_plus_one;     // of the unfinished message, in the pool of texts
  std::uint32_t initial_seq;       // the first byte that was, or is to be, read
  std::uint32_t next_seq;          // the next byte to be read
  std::uint32_t acked_seq;         // the server acknowledged all before; valid with server_seen
  std::uint32_t message_seq;       // where the unfinished message, or the next one, begins
  std::uint32_t block_seq;         // blocked only
  std::uint32_t server_isn;        // valid with server_known
  std::uint32_t syn_seq;           // behind a SYN that came while the record stood; valid with syn_seen
  std::uint32_t answered_ack;      // the ACK number of the segment that completed the latest request; with had_request
  std::uint32_t recent_timestamp;  // the latest TSval in order; valid with timestamps
  Tick acked_at;                   // when the server last acknowledged anything
  Tick blocked_at;
  StreamState state;
  bool in_body;         // between a request's end and the next message: the parser follows the framing
  bool from_handshake;  // initial_seq is the client's ISN + 1: bytes out of order are waited for
  bool server_known;    // the server's SYN-ACK was seen
  bool timestamps;      // both ends agreed on timestamps
  bool is_signed;       // both ends sign their segments
  bool server_seen;
  bool proven;         // handshake evidence
  bool new_handshake;  // a SYN-ACK with other numbers came for the same ends
  bool syn_seen;
  bool had_request;  // an unlisted request was completed
  bool kept_lost;    // some bytes that should be kept are not

  // Whether this is known to be a stream of requests, or read from its very beginning; not a mere guess.
  bool is_certain() const noexcept { return from_handshake || parser.decided(); }
  // Whether no message is unfinished.
  bool is_idle() const noexcept {
    return state == StreamState::reading && next_seq == message_seq && parser.body_bytes_ahead() == 0;
  }
};
static_assert(sizeof(Stream) == 192 && std::is_trivially_copyable_v<Stream>);

}  // namespace parapet::packet
