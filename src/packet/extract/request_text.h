// SPDX-License-Identifier: Apache-2.0
// The text of one request as it stands on the wire, and the bounds of what is kept of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace parapet::packet {

inline constexpr std::size_t kMaxNames = 8;
inline constexpr std::size_t kMaxNameLength = 255;     // bytes of a name as on the wire, port included
inline constexpr std::size_t kMaxTargetLength = 4096;  // longer HTTP targets are kept to here
inline constexpr std::uint8_t kTargetBreak = '\n';

// How an HTTP request says its target.  RFC 9112 §3.2
enum class TargetForm : std::uint8_t {
  origin,     // a path, or neither of these; all targets of HTTP/2
  absolute,   // a URL
  authority,  // a name and a port: CONNECT
};

// The text of one request as on the wire, gathered byte by byte. Plain data: copied, wiped and pooled by the caller.
//
//   names    HTTP: the authority of the target first, then each Host (a value of several lines or with commas or inner
//            blanks in it gives several names); TLS: each host_name of the hello; DNS: each question's name in wire
//            form (see DnsQuestions)
//   target   HTTP alone: from the path on, scheme and authority taken off, fragment kept. Empty: the request names no
//            path (CONNECT, or a Host found without its request line), so it is no URL at all. Where a request of
//            HTTP/2 says several, they stand one after another with a kTargetBreak between them
struct RequestText {
  struct Name {
    std::uint8_t length;
    std::array<std::uint8_t, kMaxNameLength> bytes;
    ByteView view() const noexcept { return {bytes.data(), length}; }
  };
  std::uint8_t name_count = 0;
  bool name_lost = false;    // a name was too long or too many: at least one could not be kept
  bool target_cut = false;   // the target is longer than kMaxTargetLength
  bool versionless = false;  // the request line ends behind its target: HTTP/0.9, or no HTTP at all
  TargetForm target_form = TargetForm::origin;
  std::uint8_t target_names = 0;  // how many of the names stand in the target: 0 or 1
  std::uint16_t target_length = 0;
  std::uint16_t target_begin = 0;    // of the target that was begun last
  std::uint16_t target_cleared = 0;  // see push_target: the path is cleared up to here
  static constexpr std::uint16_t kPathOver = UINT16_MAX;
  std::array<Name, kMaxNames> names;
  std::array<std::uint8_t, kMaxTargetLength> target;

  ByteView target_view() const noexcept { return {target.data(), target_length}; }
  // Calls `take` with each target and whether it was cut.
  template <typename Take>
  void for_targets(Take take) const {
    ByteView rest = target_view();
    for (;;) {
      const auto end = std::find(rest.begin(), rest.end(), kTargetBreak);
      take(ByteView{rest.begin(), end}, target_cut && end == rest.end());
      if (end == rest.end()) return;
      rest = {end + 1, rest.end()};
    }
  }
  void clear() noexcept {  // lengths alone; wipe the whole object where it held something
    name_count = target_names = 0;
    name_lost = target_cut = versionless = false;
    target_form = TargetForm::origin;
    target_length = target_begin = target_cleared = 0;
  }
};

// Writes one name after another into a RequestText; plain data, so that it can stop between any two bytes.
class NameWriter {
 public:
  void start() noexcept { length_ = 0; }
  bool empty() const noexcept { return length_ == 0; }
  void push(std::uint8_t byte, RequestText& text) noexcept {
    if (length_ < kMaxNameLength && text.name_count < kMaxNames) text.names[text.name_count].bytes[length_] = byte;
    if (length_ <= kMaxNameLength) ++length_;
  }
  void push(ByteView bytes, RequestText& text) noexcept {
    if (bytes.size() <= kMaxNameLength - std::size_t{std::min(length_, kFull)} && text.name_count < kMaxNames) {
      if (!bytes.empty()) std::memcpy(text.names[text.name_count].bytes.data() + length_, bytes.data(), bytes.size());
      length_ = static_cast<std::uint16_t>(length_ + bytes.size());
    } else {
      for (const std::uint8_t byte : bytes) push(byte, text);
    }
  }
  // Keeps the name if there is one and it fits, and begins the next.
  void finish(RequestText& text) noexcept {
    if (length_ > kMaxNameLength || (length_ > 0 && text.name_count == kMaxNames)) {
      text.name_lost = true;
    } else if (length_ > 0) {
      text.names[text.name_count++].length = static_cast<std::uint8_t>(length_);
    }
    length_ = 0;
  }

 private:
  static constexpr std::uint16_t kFull = kMaxNameLength;

  std::uint16_t length_ = 0;  // kFull + 1: too long
};

}  // namespace parapet::packet
