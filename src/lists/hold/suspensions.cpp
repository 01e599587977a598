// SPDX-License-Identifier: Apache-2.0
// Keeping suspensions.
#include "lists/hold/suspensions.h"

#include <algorithm>
#include <limits>

#include "base/frame_fields.h"
#include "config/toml_table.h"
#include "lists/hold/suspension_fields.h"
#include "lists/publish/keyed_file.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxReason = 200;
constexpr std::size_t kMaxFile = 256 << 10;

}  // namespace

bool is_reason(std::string_view text) {
  return !text.empty() && text.size() <= kMaxReason && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-' ||
           c == '#';
  });
}

Result<Suspensions> Suspensions::load(std::string path, const digest::Key& key) {
  Suspensions suspensions(std::move(path), key);
  const auto bytes = read_keyed_file_if_any(suspensions.path_, kMaxFile, key);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return suspensions;
  auto kept = parse_suspensions(*bytes);
  if (!kept) return std::unexpected(kept.error().within(suspensions.path_));
  suspensions.next_number_ = kept->next_number;
  suspensions.suspensions_ = std::move(kept->suspensions);
  return suspensions;
}

Status Suspensions::keep(std::vector<Suspension> suspensions, std::uint64_t next_number) {
  if (auto status = write_keyed_file(path_, format_suspensions({next_number, suspensions}), *key_); !status) {
    return status;
  }
  suspensions_ = std::move(suspensions);
  next_number_ = next_number;
  return {};
}

Result<Suspension> Suspensions::begin(SuspensionTarget target, std::string reason, std::string by,
                                      std::uint64_t now_realtime_s) {
  if (suspensions_.size() >= kMaxSuspensions) {
    return fail(ErrorCode::limit, "five suspensions stand already: end one first (parapet suspend --end NUMBER)");
  }
  const auto subject = target.subject(*key_);
  for (const auto& known : suspensions_) {
    if (known.target.subject(*key_) == subject) {
      return fail(ErrorCode::refused, "it is suspended already, by number " + std::to_string(known.number));
    }
  }
  Suspension begun{.number = next_number_,
                   .target = std::move(target),
                   .reason = std::move(reason),
                   .by = std::move(by),
                   .confirmed_by = {},
                   .begun_realtime_s = now_realtime_s,
                   .until_realtime_s = now_realtime_s + kSuspensionSeconds};
  auto all = suspensions_;
  all.push_back(begun);
  if (auto status = keep(std::move(all), next_number_ + 1); !status) return std::unexpected(status.error());
  return begun;
}

const Suspension* Suspensions::find(std::uint64_t number) const {
  const auto at = std::ranges::find(suspensions_, number, &Suspension::number);
  return at == suspensions_.end() ? nullptr : &*at;
}

Result<Suspension> Suspensions::confirm(std::uint64_t number, const std::string& by, std::uint64_t now_realtime_s) {
  const auto* known = find(number);
  if (known == nullptr || (known->until_realtime_s != 0 && known->until_realtime_s <= now_realtime_s)) {
    return fail(ErrorCode::not_found, "there is no suspension " + std::to_string(number));
  }
  if (!known->confirmed_by.empty()) return fail(ErrorCode::refused, "it is confirmed already");
  if (known->by == by) return fail(ErrorCode::refused, "the same person began it: another person must confirm it");
  auto all = suspensions_;
  auto& confirmed = *std::ranges::find(all, number, &Suspension::number);
  confirmed.confirmed_by = by;
  confirmed.until_realtime_s = 0;
  const Suspension result = confirmed;
  if (auto status = keep(std::move(all), next_number_); !status) return std::unexpected(status.error());
  return result;
}

Result<Suspension> Suspensions::end(std::uint64_t number) {
  const auto* known = find(number);
  if (known == nullptr) return fail(ErrorCode::not_found, "there is no suspension " + std::to_string(number));
  const Suspension ended = *known;
  auto rest = suspensions_;
  std::erase_if(rest, [&](const auto& each) { return each.number == number; });
  if (auto status = keep(std::move(rest), next_number_); !status) return std::unexpected(status.error());
  return ended;
}

Result<std::vector<Suspension>> Suspensions::end_due(std::uint64_t now_realtime_s) {
  const auto is_due = [&](const Suspension& each) {
    return each.until_realtime_s != 0 && each.until_realtime_s <= now_realtime_s;
  };
  std::vector<Suspension> rest, due;
  std::ranges::partition_copy(suspensions_, std::back_inserter(due), std::back_inserter(rest), is_due);
  if (due.empty()) return due;
  if (auto status = keep(std::move(rest), next_number_); !status) return std::unexpected(status.error());
  return due;
}

std::vector<EntryId> Suspensions::lifted(const DigestedList& list) const {
  std::vector<EntryId> ids;
  for (const auto& suspension : suspensions_) {
    const auto of_one = suspension.target.entries_of(list);
    ids.insert(ids.end(), of_one.begin(), of_one.end());
  }
  std::ranges::sort(ids);
  const auto doubles = std::ranges::unique(ids);
  ids.erase(doubles.begin(), doubles.end());
  return ids;
}

}  // namespace parapet::lists
