// SPDX-License-Identifier: Apache-2.0
// Gathers each message's question section in the text's target, then has it read as one from UDP is.
#include "packet/extract/dns_machine.h"

#include <algorithm>
#include <cstring>

#include "base/secret.h"

namespace parapet::packet {
namespace {

constexpr std::size_t kLengthBytes = 2, kHeaderLength = 12;
constexpr std::uint32_t kShortestQuestion = 5, kShortestRecord = 11;
constexpr std::uint8_t kMaxTooShort = 32;
constexpr std::size_t kMaxName = 255;
// Header, each question's name, its pointer, type and class, and what a name can reach behind them.
static_assert(kHeaderLength + DnsQuestions::kMax * (kMaxName + 2 + 4) + kMaxName <= kMaxTargetLength);

}  // namespace

DnsMachine::Progress DnsMachine::feed(ByteView bytes, RequestText& text) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (state_ == State::lead) {
      if (!take_lead_byte(bytes[at++])) return {Step::not_dns, at};
      continue;
    }
    if (state_ == State::rest) {
      const std::size_t length = std::min<std::size_t>(bytes.size() - at, message_left_);
      at += length;
      message_left_ = static_cast<std::uint16_t>(message_left_ - length);
      if (message_left_ == 0) pass_rest();
      continue;
    }
    if (take_question_byte(bytes[at++], text)) return {Step::request, at};
  }
  return {Step::more, at};
}

bool DnsMachine::take_lead_byte(std::uint8_t byte) noexcept {
  lead_[have_++] = byte;
  if (have_ == kLengthBytes) {
    message_left_ = load_be16(lead_.data());
    if (message_left_ >= kHeaderLength) return true;
    // Behind an empty message every server closes; other protocols begin with two zeros (PostgreSQL's request for TLS).
    const bool is_empty = message_left_ == 0;
    pass_rest();
    return committed_ || (!is_empty && (expected_ || ++too_short_ <= kMaxTooShort));
  }
  if (have_ < kLeadLength) return true;
  message_left_ = static_cast<std::uint16_t>(message_left_ - kHeaderLength);
  return take_header();
}

// False: not the header of a DNS message.
bool DnsMachine::take_header() noexcept {
  const std::uint8_t* header = lead_.data() + kLengthBytes;
  const std::uint32_t questions = load_be16(header + 4);
  if (!committed_) {  // the last count may lie: some servers never look at it
    const std::uint32_t records = std::uint32_t{load_be16(header + 6)} + load_be16(header + 8);
    const bool fits = questions * kShortestQuestion + records * kShortestRecord <= message_left_;
    if (!fits && !expected_) return false;
    committed_ = true;
  }
  const bool is_query = (header[2] & 0xf8) == 0;  // QR and opcode
  if (is_query && questions > 0 && message_left_ > 0) {
    questions_left_ = static_cast<std::uint8_t>(std::min<std::uint32_t>(questions, DnsQuestions::kMax));
    state_ = State::label_length;
    have_ = 0;  // of the question section
  } else {
    pass_rest();
  }
  return true;
}

// The message's bytes behind what was read are passed over; where there are none, the next message begins.
void DnsMachine::pass_rest() noexcept {
  have_ = 0;
  state_ = message_left_ > 0 ? State::rest : State::lead;
}

void DnsMachine::begin_questions(RequestText& text) noexcept {
  text.clear();
  std::memcpy(text.target.data(), lead_.data() + kLengthBytes, kHeaderLength);
  text.target_length = kHeaderLength;
  name_length_ = 0;
  have_ = 1;
}

// True: the question section is over.
bool DnsMachine::take_question_byte(std::uint8_t byte, RequestText& text) noexcept {
  if (have_ == 0) begin_questions(text);
  text.target[text.target_length++] = byte;
  --message_left_;
  bool broken = false;
  switch (state_) {
    case State::label_length:
      if (byte == 0) {
        state_ = State::type_and_class;
        part_left_ = 4;
      } else if (byte >= 0xc0) {
        state_ = State::pointer_low;
      } else if (byte > 63 || name_length_ + byte + 1U > kMaxName - 1) {
        broken = true;
      } else {
        name_length_ = static_cast<std::uint8_t>(name_length_ + byte + 1);
        part_left_ = byte;
        state_ = State::label;
      }
      break;
    case State::label:
      if (--part_left_ == 0) state_ = State::label_length;
      break;
    case State::pointer_low:
      state_ = State::type_and_class;
      part_left_ = 4;
      break;
    case State::type_and_class:
      if (--part_left_ > 0) break;
      name_length_ = 0;
      state_ = State::label_length;
      if (--questions_left_ == 0) return end_questions(text);
      break;
    case State::behind:
      if (--part_left_ == 0) return end_questions(text);
      break;
    case State::lead:
    case State::rest: break;
  }
  return (broken || message_left_ == 0) && end_questions(text);
}

// Whether there is anything to be judged or counted; if not, more may be needed.
bool DnsMachine::end_questions(RequestText& text) noexcept {
  DnsQuestions questions;
  const DnsOutcome outcome = read_dns_questions(text.target_view(), questions);
  const bool wants_more = outcome == DnsOutcome::malformed && state_ != State::behind && message_left_ > 0;
  if (wants_more) {
    part_left_ = static_cast<std::uint8_t>(std::min<std::size_t>(message_left_, kMaxName));
    state_ = State::behind;
  }
  const bool ended = !wants_more && hand_over(questions, outcome, text);
  wipe(questions.questions.data(), questions.count * sizeof questions.questions[0]);
  return ended;
}

bool DnsMachine::hand_over(const DnsQuestions& questions, DnsOutcome outcome, RequestText& text) noexcept {
  wipe(text.target.data(), text.target_length);
  text.clear();
  for (std::size_t i = 0; i < questions.count; ++i) {
    const DnsQuestions::Question& question = questions.questions[i];
    std::memcpy(text.names[i].bytes.data(), question.labels.data(), question.length);
    text.names[i].length = question.length;
  }
  text.name_count = questions.count;
  confirmed_ |= outcome == DnsOutcome::query;
  text.name_lost = confirmed_ && outcome == DnsOutcome::malformed;
  pass_rest();
  return text.name_count > 0 || text.name_lost;
}

}  // namespace parapet::packet
