// SPDX-License-Identifier: Apache-2.0
// How a canonical host and a canonical URL become digests: one pass each, a digest at every label and segment end.
//
// Host "www.example.test", from the last label to the first; each label in words of eight bytes packed from its last
// byte, closed by a word with the label's length (1..63) in its top byte:
//
//     word = 'tset' in bytes 0..3 ("test" from its last byte), 0 0 0, top byte 4
//     word = 'elpmaxe' in bytes 0..6, top byte 7           → digest of example.test can be taken here
//     word = 'www' in bytes 0..2, top byte 3               → digest of www.example.test
//
// A URL goes on from its host's state: one word with kUrlDomain and the port, then each path segment forwards in words
// of eight bytes, closed by a word with 0x80 + the rest's length in its top byte; then, where there is a query, its
// bytes closed by 0x90 + the rest's length.
//
//     http://www.example.test/a/b?q=1
//       host state, port word, "a" end → digest of /a, "b" end → digest of /a/b, query end → digest of /a/b?q=1
//
// The words of one name are never the beginning of another's in a way that gives the same digest: a full word holds no
// zero byte, an end word has at most seven bytes of text; paths are ASCII, so their full words have a top byte < 0x80.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "digest/siphash.h"

namespace parapet::digest {

inline constexpr std::uint64_t kUrlDomain = 0xff00000000030000;  // low 16 bits: port

// Feeds one label, last byte first.  REQUIRES 1 <= length <= 63
inline void feed_label(SipState& state, const char* label, std::size_t length) noexcept {
  const std::size_t rest = length % 8;
  for (std::size_t end = length; end > rest; end -= 8) {
    std::uint64_t word;
    std::memcpy(&word, label + end - 8, 8);
    state.feed(__builtin_bswap64(word));
  }
  std::uint64_t word = static_cast<std::uint64_t>(length) << 56;
  for (std::size_t i = 0; i < rest; ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(label[rest - 1 - i])) << (8 * i);
  }
  state.feed(word);
}

// Feeds text forwards and closes it with `mark` + the rest's length.
inline void feed_text(SipState& state, std::string_view text, std::uint8_t mark) noexcept {
  const std::size_t full = text.size() - text.size() % 8;
  std::size_t at = 0;
  for (; at < full; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    state.feed(word);
  }
  std::uint64_t word = static_cast<std::uint64_t>(mark + (text.size() - at)) << 56;
  for (std::size_t i = 0; at + i < text.size(); ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at + i])) << (8 * i);
  }
  state.feed(word);
}

// Walks a canonical host (canon/host.h) and calls visit(labels, state) at each label end, from the last label on.
// Returns the state of the whole host.
//   REQUIRES  canonical: no empty label, each at most 63 bytes
template <typename Visit>
SipState walk_host(const Key& key, std::string_view host, Visit&& visit) noexcept {
  SipState state(key);
  std::size_t end = host.size();
  unsigned labels = 0;
  for (;;) {
    std::size_t begin = end;
    while (begin > 0 && host[begin - 1] != '.') --begin;
    feed_label(state, host.data() + begin, end - begin);
    visit(++labels, state);
    if (begin == 0) return state;
    end = begin - 1;
  }
}

inline SipState host_state(const Key& key, std::string_view host) noexcept {
  return walk_host(key, host, [](unsigned, const SipState&) {});
}

// From a host's state into its URLs. The digest of this state marks, in the filter, that the host has any.
inline SipState enter_urls(SipState state, std::uint16_t port) noexcept {
  state.feed(kUrlDomain | port);
  return state;
}

// Walks a canonical path (canon/url.h; begins with '/') and calls visit(segments, state, is_last) at each segment end:
// "/a/b" has two, "/" has one, which is empty. Returns the state of the whole path.
template <typename Visit>
SipState walk_path(SipState state, std::string_view path, Visit&& visit) noexcept {
  std::size_t begin = 1;
  unsigned segments = 0;
  for (;;) {
    std::size_t end = path.find('/', begin);
    const bool last = end == std::string_view::npos;
    if (last) end = path.size();
    feed_text(state, path.substr(begin, end - begin), 0x80);
    visit(++segments, state, last);
    if (last) return state;
    begin = end + 1;
  }
}

inline SipState enter_query(SipState state, std::string_view query) noexcept {
  feed_text(state, query, 0x90);
  return state;
}

}  // namespace parapet::digest
