// SPDX-License-Identifier: Apache-2.0
// The handshake layer of a TLS client: walks through its messages, whatever records they came in, and keeps nothing of
// a ClientHello but its server names.  RFC 8446 §4, RFC 6066 §3, RFC 9849.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/extract/request_text.h"

namespace parapet::packet {

// A part whose length runs over the whole is cut to the whole; a name that is cut so is no name but sets `name_lost`.
//   thread  any, one owner
class HelloWalk {
 public:
  enum class Step : std::uint8_t {
    more,      // everything consumed
    hello,     // the last consumed byte ended a ClientHello
    too_long,  // a message over the limit
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  // Bytes of handshake records, without the records' headers.
  //   message_limit  bytes of one message
  Progress feed(ByteView bytes, RequestText& text, std::uint32_t message_limit) noexcept;

  bool between_messages() const noexcept { return state_ == State::header && number_have_ == 0; }
  bool in_hello() const noexcept { return in_hello_; }
  bool ech_present() const noexcept { return ech_; }        // of the last complete hello
  bool early_data() const noexcept { return early_data_; }  // likewise

 private:
  // In the order of the bytes. *_length and *_head are numbers of fixed width, the others are passed over or copied.
  //
  //   header (type 1, length 3) | fixed (version 2, random 32) | session | suites | compression | extensions
  //   extension_head (type 2, length 2) | extension ...
  //     server_name: names_length 2 | name_head (type 1, length 2) | name ...
  enum class State : std::uint8_t {
    header,
    other_message,
    fixed,
    session_length,
    session,
    suites_length,
    suites,
    compression_length,
    compression,
    extensions_length,
    extension_head,
    extension,
    names_length,
    name_head,
    name,
    other_name,
  };

  // What follows each part; in the order of the states.
  static constexpr std::array<State, 16> kBehind{State::header,
                                                 State::other_message,
                                                 State::session_length,
                                                 State::session_length,
                                                 State::suites_length,
                                                 State::suites_length,
                                                 State::compression_length,
                                                 State::compression_length,
                                                 State::extensions_length,
                                                 State::extensions_length,
                                                 State::extension_head,
                                                 State::extension_head,
                                                 State::names_length,
                                                 State::name_head,
                                                 State::name_head,
                                                 State::name_head};

  Step begin_message(RequestText& text, std::uint32_t message_limit) noexcept;
  void end_hello(RequestText& text) noexcept;
  std::size_t step(const std::uint8_t* at, std::size_t size, RequestText& text) noexcept;
  static std::size_t pass_extensions(const std::uint8_t* at, std::size_t size) noexcept;
  std::size_t pass(const std::uint8_t* at, std::size_t size, RequestText& text) noexcept;
  std::size_t read_number(const std::uint8_t* at, std::size_t size, unsigned width) noexcept;
  void take_number() noexcept;
  void enter(State part, std::uint32_t length) noexcept;

  std::uint32_t message_left_ = 0;
  std::uint32_t part_left_ = 0;
  std::uint32_t names_left_ = 0;  // of a server_name extension; 0 outside of one
  std::uint32_t number_ = 0;
  NameWriter name_;
  std::uint8_t number_have_ = 0;  // bytes of it
  State state_ = State::header;
  bool in_hello_ = false;
  bool ech_ = false, ech_here_ = false;
  bool early_data_ = false, early_data_here_ = false;
};

}  // namespace parapet::packet
