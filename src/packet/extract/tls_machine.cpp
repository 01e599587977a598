// SPDX-License-Identifier: Apache-2.0
// Takes records apart. Their lengths are believed as they are: a hello may come in any number of records.
#include "packet/extract/tls_machine.h"

#include <algorithm>

namespace parapet::packet {

TlsMachine::Progress TlsMachine::feed(ByteView bytes, RequestText& text, std::uint32_t hello_limit) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (record_left_ == 0) {
      if (!read_header_byte(bytes[at++])) return {Step::opaque, at};
      if (header_have_ == 5) {
        header_have_ = 0;
        if (!begin_record()) return {give_up(), at};
      }
      continue;
    }
    const std::size_t length = std::min<std::size_t>(record_left_, bytes.size() - at);
    if (record_type_ != kHandshake) {
      at += length;
      record_left_ = static_cast<std::uint16_t>(record_left_ - length);
      continue;
    }
    const HelloWalk::Progress walked = walk_.feed(bytes.subspan(at, length), text, hello_limit);
    at += walked.consumed;
    committed_ |= walk_.in_hello();
    record_left_ = static_cast<std::uint16_t>(record_left_ - walked.consumed);
    if (walked.step == HelloWalk::Step::too_long) return {give_up(), at};
    if (walked.step == HelloWalk::Step::hello) {
      hello_seen_ = true;
      idle_records_ = 0;
      return {Step::request, at};
    }
  }
  return {Step::more, at};
}

// type 1, version 2, length 2. False: no TLS record. The version is 3 and any; Go's server takes all below 0x1000.
bool TlsMachine::read_header_byte(std::uint8_t byte) noexcept {
  switch (header_have_++) {
    case 0: record_type_ = byte; return begun_ ? byte >= kChangeCipherSpec && byte <= kHeartbeat : could_begin(byte);
    case 1: odd_version_ = byte != 3; return byte < 0x10;
    case 3: length_high_ = byte; return true;
    case 4: record_left_ = static_cast<std::uint16_t>(length_high_ << 8 | byte); return true;
    default: return true;
  }
}

// False: nothing to be read behind this header.
bool TlsMachine::begin_record() noexcept {
  if (!begun_ && record_type_ == kAlert && record_left_ != 2) return false;
  if (!begun_ && record_type_ == kChangeCipherSpec && record_left_ != 1) return false;
  begun_ = true;
  committed_ |= !odd_version_;
  if (record_type_ == kApplicationData) {
    // A hello with early data may be asked for again behind it (RFC 8446 §4.2.10).
    early_data_ += record_left_;
    return hello_seen_ && !walk_.in_hello() && walk_.early_data() && early_data_ <= kMaxEarlyData;
  }
  if (record_type_ == kHandshake && record_left_ > 0) return true;
  return ++idle_records_ <= kMaxIdleRecords;
}

}  // namespace parapet::packet
