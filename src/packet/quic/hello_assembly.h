// SPDX-License-Identifier: Apache-2.0
// From CRYPTO frames in any order to hellos. Complete is what is covered without a gap, never what merely adds up.
#pragma once

#include <cstdint>

#include "packet/extract/hello_walk.h"
#include "packet/flow/kept_bytes.h"
#include "packet/quic/crypto_frames.h"

namespace parapet::packet {

// The handshake bytes of one client. They stay when their hello was read: should they come again with another content,
// that is seen. Plain data, all zero when empty.
struct HelloBytes {
  KeptChain chain;           // by offset
  std::uint32_t message_at;  // where the unfinished message, or the next one, begins
  bool had_hello;            // one was complete
  bool over_cap;             // bytes behind the cap came, or a message that must end behind it

  // Whether there is a message to wait for: the first, or one that began.
  bool is_unfinished(const KeptBytes& kept) const noexcept {
    return !had_hello || kept.distance_to_next(chain, message_at) != kKeptNone;
  }
};

enum class CryptoOutcome : std::uint8_t {
  taken,     // what is new in it was kept; what lies behind the cap was not
  known,     // nothing is new in it
  conflict,  // it holds other bytes than those that came first: nothing was kept
  no_block,  // the pool is empty: nothing was kept
};

enum class HelloOutcome : std::uint8_t {
  incomplete,  // the next message is not there, or not whole
  hello,       // `text` holds the names; ask again for the next one
};

//   thread  one
class HelloAssembly {
 public:
  // Hellos that end behind `cap` bytes are not read. `kept` must give one chain the blocks for them.
  HelloAssembly(KeptBytes& kept, std::uint32_t cap) noexcept : kept_(kept), cap_(cap) {}

  CryptoOutcome take(HelloBytes& hello, const CryptoFrame& frame) noexcept;

  // Reads on from message to message; those that are no ClientHello are passed over.
  HelloOutcome next(HelloBytes& hello, RequestText& text, bool& ech_present) noexcept;

 private:
  std::uint32_t message_length(const HelloBytes& hello) const noexcept;

  KeptBytes& kept_;
  std::uint32_t cap_;
};

}  // namespace parapet::packet
