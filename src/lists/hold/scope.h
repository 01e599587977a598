// SPDX-License-Identifier: Apache-2.0
// The scope: which categories of lists may be enforced, by the newest scope lock that was accepted.
//
// A lock is accepted once and stands until one with a higher number is; what was accepted is kept in a keyed file, so
// that an old lock does not come back. While the lock file does not say what stands, no new list is taken.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "approval/scope_lock.h"
#include "base/result.h"
#include "digest/key.h"

namespace parapet::lists {

struct AcceptedScope {
  std::uint64_t sequence = 0;  // 0: none was ever accepted
  std::vector<std::string> categories;
  std::vector<std::string> signed_by;
  std::string digest;  // approval::digest_of
  friend bool operator==(const AcceptedScope&, const AcceptedScope&) = default;
};

enum class ScopeState : std::uint8_t { none, in_force, refused };
inline constexpr std::size_t kScopeStates = 3;
std::string_view name_of(ScopeState state) noexcept;

enum class ScopeChange : std::uint8_t { none, accepted, refused };

// thread: callers take turns.  The key must outlive it.
class Scope {
 public:
  //   errors  integrity · malformed · io; without a file none was accepted
  static Result<Scope> load(std::string path, const digest::Key& key);

  // Reads the lock file and judges what it has not judged before. An empty name: control.toml names none.
  ScopeChange refresh(const std::string& lock_file, std::span<const config::Approver> approvers);

  // none: no lock was ever accepted, and none is asked for. refused: error() says why.
  ScopeState state() const noexcept;
  const AcceptedScope& accepted() const noexcept { return accepted_; }
  const Error& error() const noexcept { return status_.error(); }  // REQUIRES state() refused

  // Whether a list of this category may be enforced.
  bool allows(std::string_view category) const;
  // Whether a new list of this category may be taken, be it in shadow alone.
  //   errors  refused · those of a lock file that is refused
  Status check_new_list(std::string_view category) const;

 private:
  Scope(std::string path, const digest::Key& key) : path_(std::move(path)), key_(&key) {}
  Status judge(std::string_view text, std::span<const config::Approver> approvers);
  Status accept(AcceptedScope offered);

  std::string path_;
  const digest::Key* key_;
  AcceptedScope accepted_;
  Status status_;            // of the lock file
  bool is_asked_ = false;    // control.toml names a lock file
  bool is_judged_ = false;   // judged_ was
  std::string judged_text_;  // of the lock file
};

}  // namespace parapet::lists
