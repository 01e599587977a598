// SPDX-License-Identifier: Apache-2.0
// Judging scope locks and keeping what was accepted.
#include "lists/hold/scope.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/file.h"
#include "base/frame_fields.h"
#include "lists/publish/keyed_file.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kMagic = "PSC1";
constexpr std::size_t kMaxFile = 64 << 10;

std::vector<std::uint8_t> format_accepted(const AcceptedScope& accepted) {
  FrameWriter writer(kMagic);
  writer.number(accepted.sequence);
  writer.text(accepted.digest);
  for (const auto* names : {&accepted.categories, &accepted.signed_by}) {
    writer.number(names->size());
    for (const auto& name : *names) writer.text(name);
  }
  return std::move(writer.bytes);
}

Result<AcceptedScope> parse_accepted(ByteView bytes) {
  FrameReader reader(bytes);
  AcceptedScope accepted;
  reader.magic(kMagic);
  accepted.sequence = reader.number(std::numeric_limits<std::uint64_t>::max());
  accepted.digest = reader.text();
  for (auto* names : {&accepted.categories, &accepted.signed_by}) {
    for (auto count = reader.number(approval::kMaxScopeCategories); count > 0; --count) names->push_back(reader.text());
  }
  if (!reader.complete()) return fail(ErrorCode::malformed, "cannot be read");
  return accepted;
}

}  // namespace

std::string_view name_of(ScopeState state) noexcept {
  constexpr std::array<std::string_view, kScopeStates> kNames{"none", "in_force", "refused"};
  return kNames[static_cast<std::size_t>(state)];
}

Result<Scope> Scope::load(std::string path, const digest::Key& key) {
  Scope scope(std::move(path), key);
  const auto bytes = read_keyed_file_if_any(scope.path_, kMaxFile, key);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return scope;
  auto accepted = parse_accepted(*bytes);
  if (!accepted) return std::unexpected(accepted.error().within(scope.path_));
  scope.accepted_ = std::move(*accepted);
  return scope;
}

ScopeChange Scope::refresh(const std::string& lock_file, std::span<const config::Approver> approvers) {
  const auto before = status_;
  const auto stood = accepted_;
  is_asked_ = !lock_file.empty();
  if (is_asked_) {
    const auto bytes = read_file(lock_file, approval::kMaxScopeLockFile);
    if (!bytes) {
      is_judged_ = false;
      status_ = std::unexpected(bytes.error().within("scope lock"));
    } else if (!is_judged_ || text_of(*bytes) != judged_text_) {
      status_ = judge(text_of(*bytes), approvers);
      is_judged_ = status_ || status_.error().code != ErrorCode::io;
      judged_text_ = text_of(*bytes);
    }
  } else if (accepted_.sequence != 0) {
    status_ = fail(ErrorCode::refused, "control.toml names no scope_lock_file, although a scope lock was accepted");
  }
  if (accepted_ != stood) return ScopeChange::accepted;
  const bool is_new = !status_ && (before || before.error().context != status_.error().context);
  return is_new ? ScopeChange::refused : ScopeChange::none;
}

Status Scope::judge(std::string_view text, std::span<const config::Approver> approvers) {
  const auto lock = approval::parse_scope_lock(text);
  if (!lock) return std::unexpected(lock.error());
  auto people = approval::verify_scope_lock(*lock, approvers);
  if (!people) return std::unexpected(people.error().within("scope lock"));
  AcceptedScope offered{lock->sequence, lock->categories, std::move(*people), approval::digest_of(*lock)};
  if (offered == accepted_) return {};
  if (offered.sequence < accepted_.sequence) {
    return fail(ErrorCode::refused, "the scope lock has number " + std::to_string(offered.sequence) +
                                        ", older than the accepted one, " + std::to_string(accepted_.sequence));
  }
  if (offered.sequence == accepted_.sequence && offered.digest != accepted_.digest) {
    return fail(ErrorCode::refused, "the scope lock has the number of the accepted one, " +
                                        std::to_string(accepted_.sequence) + ", and says something else");
  }
  return accept(std::move(offered));
}

Status Scope::accept(AcceptedScope offered) {
  if (auto status = write_keyed_file(path_, format_accepted(offered), *key_); !status) {
    return std::unexpected(status.error().within("keeping the scope lock"));
  }
  accepted_ = std::move(offered);
  return {};
}

ScopeState Scope::state() const noexcept {
  if (!status_) return ScopeState::refused;
  return is_asked_ ? ScopeState::in_force : ScopeState::none;
}

bool Scope::allows(std::string_view category) const {
  return std::ranges::find(accepted_.categories, category) != accepted_.categories.end();
}

Status Scope::check_new_list(std::string_view category) const {
  if (!status_) return std::unexpected(status_.error().within("no new list is taken"));
  if (!is_asked_ || allows(category)) return {};
  return fail(ErrorCode::refused, category.empty()
                                      ? "the source has no category, and the scope lock allows none but those in it"
                                      : "the category " + std::string(category) + " is not in the scope lock");
}

}  // namespace parapet::lists
