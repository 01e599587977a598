// SPDX-License-Identifier: Apache-2.0
// Judging requests of all protocols.
#include "packet/pipeline/request_judge.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "canon/host.h"

namespace parapet::packet {
namespace {

// A name in wire form as people write it; the dots stand where the length bytes were.
std::size_t write_dotted(ByteView labels, std::array<std::uint8_t, 255>& out) noexcept {
  std::size_t length = 0;
  for (std::size_t at = 0; at < labels.size();) {
    const std::size_t label = labels[at];
    if (at + 1 + label > labels.size()) break;
    if (length > 0) out[length++] = '.';
    std::memcpy(out.data() + length, labels.data() + at + 1, label);
    length += label;
    at += 1 + label;
  }
  return length;
}

}  // namespace

void RequestJudge::count_uninspected(UninspectedReason reason, std::uint64_t times) noexcept {
  counters::add(block_.uninspected[index_of(reason)], times);
}

RequestJudge::Judged RequestJudge::judge_request(Protocol protocol, const RequestText& text,
                                                 const Origin& origin) noexcept {
  if (protocol == Protocol::dns) return judge_questions(text, origin);
  match_ = {};
  if (snapshot_ != nullptr) {
    matcher_.match_request({*snapshot_, occasion_of(origin)}, protocol, text, origin.flow->destination_port, match_);
    if (text.target_cut) count_uninspected(UninspectedReason::target_cap);
  }
  // Much that is no HTTP has lines of two words. Where such a line names no host and port, no list can hold it.
  const auto names_nothing = [&] {
    return text.name_count == 0 ||
           (text.name_count == 1 && (match_.name_unusable || !canon::split_authority(text.names[0].view(), 80).ok));
  };
  if (text.versionless && !text.name_lost && !match_.any() && names_nothing()) return {Verdict::pass, false};
  const auto name = [&](std::size_t i) { return i < text.name_count ? text.names[i].view() : ByteView{}; };
  return judge({protocol, name(0), text.target_view(), text.target_form, name(text.target_names)}, origin);
}

RequestJudge::Judged RequestJudge::judge_questions(const RequestText& text, const Origin& origin) noexcept {
  Judged whole{Verdict::pass, text.name_lost};
  for (std::size_t i = 0; i < text.name_count; ++i) {
    const Judged judged = judge_question(text.names[i].view(), origin);
    whole.verdict = std::max(whole.verdict, judged.verdict);
    whole.uninspected |= judged.uninspected;
  }
  if (text.name_lost) count_uninspected(UninspectedReason::name_malformed);
  return whole;
}

RequestJudge::Judged RequestJudge::judge_question(ByteView labels, const Origin& origin) noexcept {
  match_ = {};
  if (snapshot_ != nullptr) matcher_.match_question({*snapshot_, occasion_of(origin)}, labels, match_);
  if (sink_ == nullptr) return judge({.protocol = Protocol::dns}, origin);
  std::array<std::uint8_t, 255> dotted;
  const std::size_t length = write_dotted(labels, dotted);
  const Judged judged = judge({.protocol = Protocol::dns, .host = ByteView{dotted}.first(length)}, origin);
  wipe(dotted);
  return judged;
}

RequestJudge::Judged RequestJudge::judge(const Asked& asked, const Origin& origin) noexcept {
  Judged judged{Verdict::pass, match_.name_unusable};
  if (snapshot_ == nullptr) {
    count_uninspected(UninspectedReason::no_snapshot);
    judged.uninspected = true;
  } else {
    judged.verdict = decide_verdict(*snapshot_, match_, trusted_realtime_ns_);
    count_request(block_, *snapshot_, asked.protocol, judged.verdict, match_);
  }
  if (sink_ != nullptr) {
    sink_->request({origin.frame, asked.protocol, judged.verdict, asked.host, asked.target, origin.flow,
                    std::span(match_.digests).first(match_.digest_count), asked.target_form, asked.host_field});
  }
  return judged;
}

}  // namespace parapet::packet
