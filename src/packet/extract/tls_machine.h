// SPDX-License-Identifier: Apache-2.0
// The record layer of a TLS client, from its first record to its first protected one.  RFC 8446 §5.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/extract/hello_walk.h"
#include "packet/extract/request_text.h"

namespace parapet::packet {

inline constexpr unsigned kMaxIdleRecords = 32;            // without handshake bytes, between two hellos
inline constexpr std::uint32_t kMaxEarlyData = 64 * 1024;  // passed over while a retried hello may still come

class TlsMachine {
 public:
  enum class Step : std::uint8_t {
    more,       // everything consumed
    request,    // the last consumed byte ended a ClientHello
    opaque,     // not TLS, or protected from here on
    hello_cap,  // over a bound before the first hello was whole
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  //   hello_limit  bytes of one handshake message
  Progress feed(ByteView bytes, RequestText& text, std::uint32_t hello_limit) noexcept;

  // The first byte of a record that may come before a ClientHello: a handshake, a warning alert, a change of cipher.
  static bool could_begin(std::uint8_t first) noexcept { return first >= kChangeCipherSpec && first <= kHandshake; }

  bool committed() const noexcept { return committed_; }  // it is TLS for certain
  bool idle() const noexcept {
    return hello_seen_ && walk_.between_messages() && record_left_ == 0 && header_have_ == 0;
  }
  bool keeps_text() const noexcept { return walk_.in_hello(); }
  bool ech_present() const noexcept { return walk_.ech_present(); }
  std::uint64_t body_bytes_ahead() const noexcept { return record_type_ == kApplicationData ? record_left_ : 0; }

 private:
  static constexpr std::uint8_t kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23,
                                kHeartbeat = 24;

  bool read_header_byte(std::uint8_t byte) noexcept;
  bool begin_record() noexcept;
  // A stream that asked once is settled; one that did not was TLS and hid its hello behind a bound, or is no TLS.
  Step give_up() const noexcept {
    const bool bound = committed_ && record_type_ != kApplicationData && !hello_seen_;
    return bound ? Step::hello_cap : Step::opaque;
  }

  HelloWalk walk_;
  std::uint32_t early_data_ = 0;
  std::uint16_t record_left_ = 0;
  std::uint8_t record_type_ = 0;
  std::uint8_t header_have_ = 0;
  std::uint8_t length_high_ = 0;
  std::uint8_t idle_records_ = 0;
  bool begun_ = false;  // a header was read
  bool odd_version_ = false;
  bool committed_ = false;
  bool hello_seen_ = false;
};

}  // namespace parapet::packet
