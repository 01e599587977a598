// SPDX-License-Identifier: Apache-2.0
// Held lists and their bytes.
#include "lists/hold/held_list.h"

#include <algorithm>
#include <limits>

#include "base/frame_fields.h"
#include "lists/hold/findings_fields.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kHeldMagic = "PHL2";
constexpr std::string_view kSaidMagic = "PSA1";
constexpr std::string_view kDismissedMagic = "PDL1";
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint64_t>::max();

void write_statement(FrameWriter& writer, const approval::SignedStatement& said) {
  writer.number(static_cast<std::uint64_t>(said.statement.decision));
  writer.text(said.statement.by);
  writer.number(said.statement.expires_realtime_s);
  writer.text(said.signature);
}

approval::SignedStatement read_statement(FrameReader& reader) {
  approval::SignedStatement said;
  said.statement.decision = reader.choice(approval::Decision::refuse);
  said.statement.by = reader.text();
  said.statement.expires_realtime_s = reader.number(kMaxNumber);
  said.signature = reader.text();
  return said;
}

}  // namespace

approval::Subject subject_of(const DigestedList& list) { return content_hash(list); }

bool HeldList::is_withdrawal() const {
  return list.signed_order.is_signed() && findings.size() == 1 && findings[0].rule == GuardRule::shrink;
}

std::vector<std::uint8_t> format_held_list(const HeldList& held, const digest::Key& key) {
  FrameWriter writer(kHeldMagic);
  writer.number(held.held_realtime_ns);
  write_findings(writer, held.findings);
  writer.field(format_digested_list(held.list, key));
  return std::move(writer.bytes);
}

Result<HeldList> parse_held_list(ByteView bytes, const digest::Key& key) {
  FrameReader reader(bytes);
  reader.magic(kHeldMagic);
  const auto held_since = reader.number(kMaxNumber);
  auto findings = read_findings(reader);
  const auto list_bytes = reader.field();
  if (!reader.complete()) return fail(ErrorCode::malformed, "held list: it cannot be read");
  auto list = parse_digested_list(list_bytes, key);
  if (!list) return std::unexpected(list.error().within("held list"));
  HeldList held(std::move(*list), std::move(findings));
  held.held_realtime_ns = held_since;
  return held;
}

std::vector<std::uint8_t> format_said(const HeldList& held) {
  FrameWriter writer(kSaidMagic);
  writer.field(held.tally.subject());
  writer.number(held.waited_s);
  writer.number(held.tally.statements().size());
  for (const auto& said : held.tally.statements()) write_statement(writer, said);
  return std::move(writer.bytes);
}

void recall_said(ByteView bytes, HeldList& held, std::span<const config::Approver> approvers,
                 std::uint64_t trusted_now_realtime_s) {
  FrameReader reader(bytes);
  reader.magic(kSaidMagic);
  const auto subject = reader.field();
  const auto waited = reader.number(kMaxNumber);
  std::vector<approval::SignedStatement> statements;
  for (auto count = reader.number(config::kMaxApprovers); count > 0; --count) {
    statements.push_back(read_statement(reader));
  }
  if (!reader.complete() || !std::ranges::equal(subject, held.tally.subject())) return;
  held.waited_s = waited;
  for (auto& said : statements) {
    said.statement.subject = held.tally.subject();
    said.statement.about = held.list.name;
    // One that has expired since, or whose approver is not in control.toml any more, counts no longer.
    static_cast<void>(held.tally.take(said, approvers, trusted_now_realtime_s));
  }
}

std::vector<std::uint8_t> format_dismissed_list(const DismissedList& dismissed) {
  FrameWriter writer(kDismissedMagic);
  writer.field(dismissed.subject);
  writer.number(dismissed.signed_order.realtime_ns);
  writer.number(dismissed.signed_order.sequence);
  writer.text(dismissed.why);
  return std::move(writer.bytes);
}

Result<DismissedList> parse_dismissed_list(ByteView bytes) {
  FrameReader reader(bytes);
  reader.magic(kDismissedMagic);
  DismissedList dismissed;
  const auto subject = reader.field();
  dismissed.signed_order.realtime_ns = reader.number(kMaxNumber);
  dismissed.signed_order.sequence = reader.number(kMaxNumber);
  dismissed.why = reader.text();
  if (!reader.complete() || subject.size() != dismissed.subject.size() || !is_visible(dismissed.why)) {
    return fail(ErrorCode::malformed, "dismissed list: it cannot be read");
  }
  std::ranges::copy(subject, dismissed.subject.begin());
  return dismissed;
}

}  // namespace parapet::lists
