// SPDX-License-Identifier: Apache-2.0
// Reading, signing and verifying scope locks.
#include "approval/scope_lock.h"

#include <sodium.h>
#include <algorithm>
#include <charconv>
#include <optional>

#include "approval/statement.h"
#include "base/text_lines.h"
#include "config/toml_table.h"

namespace parapet::approval {
namespace {

constexpr std::string_view kTitle = "parapet scope lock 1";
constexpr std::string_view kSequence = "sequence: ";
constexpr std::string_view kCategory = "category: ";
constexpr std::string_view kSignature = "signature: ";

// What people sign.
std::string signed_text(const ScopeLock& lock) {
  std::string text = std::string(kTitle) + "\n" + std::string(kSequence) + std::to_string(lock.sequence) + "\n";
  for (const auto& category : lock.categories) text += std::string(kCategory) + category + "\n";
  return text;
}

bool has_signature_of(const ScopeLock& lock, std::string_view name) {
  return std::ranges::find(lock.signatures, name, &ScopeSignature::by) != lock.signatures.end();
}

// What follows `begin` in the next line, which is then taken; nothing where that line begins otherwise.
std::optional<std::string_view> take_field(std::string_view& rest, std::string_view begin) {
  if (!rest.starts_with(begin)) return std::nullopt;
  return take_line(rest).substr(begin.size());
}

Status take_signatures(std::string_view& rest, ScopeLock& lock) {
  while (const auto field = take_field(rest, kSignature)) {
    const auto blank = std::min(field->find(' '), field->size());
    const auto name = field->substr(0, blank);
    if (!config::is_name(name)) return fail(ErrorCode::malformed, "the scope lock has a signature without a name");
    if (has_signature_of(lock, name)) {
      return fail(ErrorCode::malformed, "the scope lock has two signatures by " + std::string(name));
    }
    lock.signatures.push_back({std::string(name), std::string(field->substr(std::min(blank + 1, field->size())))});
  }
  return {};
}

}  // namespace

std::string format_scope_lock(const ScopeLock& lock) {
  std::string text = signed_text(lock);
  for (const auto& each : lock.signatures) text += std::string(kSignature) + each.by + " " + each.signature + "\n";
  return text;
}

std::string digest_of(const ScopeLock& lock) {
  const std::string text = signed_text(lock);
  Subject hash{};
  ::crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       nullptr, 0);
  return format_subject(hash);
}

Result<ScopeLock> parse_scope_lock(std::string_view text) {
  if (text.size() > kMaxScopeLockFile) return fail(ErrorCode::limit, "the scope lock is too large");
  ScopeLock lock;
  auto rest = text;
  const bool has_title = take_line(rest) == kTitle;
  const auto number = take_field(rest, kSequence);
  if (!has_title || !number) return fail(ErrorCode::malformed, "this is no scope lock of `parapet scope new`");
  const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), lock.sequence);
  if (error != std::errc{}) return fail(ErrorCode::malformed, "the scope lock's sequence is no number");
  std::vector<std::string> categories;
  while (const auto category = take_field(rest, kCategory)) categories.emplace_back(*category);
  auto made = make_scope_lock(lock.sequence, std::move(categories));
  if (!made) return fail(ErrorCode::malformed, "the scope lock: " + made.error().context);
  if (auto status = take_signatures(rest, *made); !status) return std::unexpected(status.error());
  if (format_scope_lock(*made) != text) {
    return fail(ErrorCode::malformed, "the scope lock is not written as `parapet scope` writes it");
  }
  return made;
}

Result<ScopeLock> make_scope_lock(std::uint64_t sequence, std::vector<std::string> categories) {
  if (sequence == 0) return fail(ErrorCode::invalid_argument, "the sequence begins with 1");
  std::ranges::sort(categories);
  const auto doubles = std::ranges::unique(categories);
  categories.erase(doubles.begin(), doubles.end());
  if (categories.empty() || categories.size() > kMaxScopeCategories) {
    return fail(ErrorCode::invalid_argument, "expected 1..64 categories");
  }
  if (!std::ranges::all_of(categories, config::is_name)) {
    return fail(ErrorCode::invalid_argument, "a category is 1..32 of a-z 0-9 -");
  }
  return ScopeLock{sequence, std::move(categories), {}};
}

Status sign_scope_lock(ScopeLock& lock, const PersonalKey& key) {
  if (has_signature_of(lock, key.name)) {
    return fail(ErrorCode::refused, key.name + " has signed it already: another person must");
  }
  if (lock.signatures.size() >= config::kMaxApprovers)
    return fail(ErrorCode::limit, "32 people have signed it already");
  lock.signatures.push_back({key.name, sign_text(signed_text(lock), key.seed)});
  return {};
}

Result<std::vector<std::string>> verify_scope_lock(const ScopeLock& lock, std::span<const config::Approver> approvers) {
  const std::string text = signed_text(lock);
  std::vector<std::string> people;
  for (const auto& each : lock.signatures) {
    const auto approver = std::ranges::find(approvers, each.by, &config::Approver::name);
    if (approver == approvers.end() || std::ranges::find(people, each.by) != people.end()) continue;
    if (!is_signed_by(text, each.signature, approver->ed25519)) {
      return fail(ErrorCode::integrity,
                  "the signature by " + each.by + " is not of that approver's key over this lock");
    }
    people.push_back(each.by);
  }
  if (people.size() < kScopeSigners) {
    return fail(ErrorCode::refused,
                std::to_string(people.size()) + " of the approvers in control.toml have signed it; two must");
  }
  return people;
}

}  // namespace parapet::approval
