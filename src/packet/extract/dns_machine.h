// SPDX-License-Identifier: Apache-2.0
// DNS as a client sends it over TCP, on any port: messages one after another, resumable at every byte.
// RFC 1035 §4.2.2, RFC 7766.
//
//   length 2 | header 12 | questions = request | the rest, passed over | length 2 ...
//
// A pointer may lead into the middle of a label, and from there the name runs on over the end of the questions: where
// they cannot be read alone, as much of the rest is read as a name can reach.
//
// Whether a stream is DNS is seen from its first message's header alone: the counts in it must fit into the length. No
// TLS hello and no HTTP start line has such counts, whatever length and ID a client chooses. Where DNS is expected they
// may lie. Servers answer what comes behind a message that they refuse, so nothing in a message ends the reading.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/extract/dns_questions.h"
#include "packet/extract/request_text.h"

namespace parapet::packet {

class DnsMachine {
 public:
  static constexpr std::size_t kLeadLength = 14;  // length and header

  enum class Step : std::uint8_t {
    more,     // everything consumed
    request,  // the last consumed byte ended a question section: its names stand in the text, in wire form
    not_dns,  // the first message is none
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  // Whatever the stream holds is DNS. Before the first lead is whole.
  void expect() noexcept { expected_ = true; }

  // Does not touch the text before the lead of a message was read.
  Progress feed(ByteView bytes, RequestText& text) noexcept;

  bool committed() const noexcept { return committed_; }                  // a header was seen
  std::size_t lead_left() const noexcept { return kLeadLength - have_; }  // while it is being read
  bool idle() const noexcept { return committed_ && state_ == State::lead && have_ == 0; }
  bool keeps_text() const noexcept { return state_ > State::lead && state_ < State::rest; }
  std::uint64_t body_bytes_ahead() const noexcept { return state_ == State::rest ? message_left_ : 0; }

 private:
  enum class State : std::uint8_t { lead, label_length, label, pointer_low, type_and_class, behind, rest };

  bool take_lead_byte(std::uint8_t byte) noexcept;
  bool take_header() noexcept;
  void begin_questions(RequestText& text) noexcept;
  bool take_question_byte(std::uint8_t byte, RequestText& text) noexcept;
  bool end_questions(RequestText& text) noexcept;
  bool hand_over(const DnsQuestions& questions, DnsOutcome outcome, RequestText& text) noexcept;
  void pass_rest() noexcept;

  std::array<std::uint8_t, kLeadLength> lead_{};
  std::uint16_t message_left_ = 0;
  std::uint8_t have_ = 0;  // bytes of the lead
  std::uint8_t part_left_ = 0;
  std::uint8_t name_length_ = 0;
  std::uint8_t questions_left_ = 0;
  std::uint8_t too_short_ = 0;  // messages without room for a header, before the first that has it
  State state_ = State::lead;
  bool committed_ = false;
  bool expected_ = false;
  bool confirmed_ = false;  // a question section was read: from here on a broken one is worth counting
};

}  // namespace parapet::packet
