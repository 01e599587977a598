// SPDX-License-Identifier: Apache-2.0
// Putting handshake bytes together.
#include "packet/quic/hello_assembly.h"

#include <algorithm>

namespace parapet::packet {
namespace {

constexpr std::uint32_t kMessageHeader = 4;  // type 1, length 3

}  // namespace

CryptoOutcome HelloAssembly::take(HelloBytes& hello, const CryptoFrame& frame) noexcept {
  if (frame.bytes.empty()) return CryptoOutcome::known;
  if (frame.offset + frame.bytes.size() > cap_) hello.over_cap = true;
  if (frame.offset >= cap_) return CryptoOutcome::known;
  const auto offset = static_cast<std::uint32_t>(frame.offset);
  const ByteView bytes = frame.bytes.first(std::min<std::size_t>(frame.bytes.size(), cap_ - offset));
  if (kept_.differs(hello.chain, offset, bytes)) return CryptoOutcome::conflict;
  if (kept_.covers(hello.chain, offset, static_cast<std::uint32_t>(bytes.size()))) return CryptoOutcome::known;
  return kept_.keep(hello.chain, offset, bytes) == KeepOutcome::kept ? CryptoOutcome::taken : CryptoOutcome::no_block;
}

// With its header; 0: the header is not whole.
std::uint32_t HelloAssembly::message_length(const HelloBytes& hello) const noexcept {
  if (!kept_.covers(hello.chain, hello.message_at, kMessageHeader)) return 0;
  std::uint32_t header = 0;
  for (std::uint32_t i = 0; i < kMessageHeader; ++i) {
    header = header << 8 | kept_.run_at(hello.chain, hello.message_at + i)[0];
  }
  return kMessageHeader + (header & 0xffffff);
}

HelloOutcome HelloAssembly::next(HelloBytes& hello, RequestText& text, bool& ech_present) noexcept {
  for (;;) {
    const std::uint32_t length = message_length(hello);
    if (length == 0) return HelloOutcome::incomplete;
    if (length > cap_ - hello.message_at) {
      hello.over_cap = true;
      return HelloOutcome::incomplete;
    }
    if (!kept_.covers(hello.chain, hello.message_at, length)) return HelloOutcome::incomplete;
    const std::uint32_t end = hello.message_at + length;
    HelloWalk walk;
    bool is_hello = false;
    while (hello.message_at != end) {
      const ByteView run = kept_.run_at(hello.chain, hello.message_at);
      const ByteView part = run.first(std::min<std::size_t>(run.size(), end - hello.message_at));
      is_hello |= walk.feed(part, text, length).step == HelloWalk::Step::hello;
      hello.message_at += static_cast<std::uint32_t>(part.size());
    }
    if (!is_hello) continue;
    hello.had_hello = true;
    ech_present = walk.ech_present();
    return HelloOutcome::hello;
  }
}

}  // namespace parapet::packet
