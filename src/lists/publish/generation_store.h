// SPDX-License-Identifier: Apache-2.0
// The last generations and the versions of lists that they were made of, so that one can be gone back to.
//
//   state_directory/generations/NUMBER        keyed: when it was made, and each list's version
//   state_directory/versions/NAME-SEQUENCE    the list as lists/NAME held it, by another link to the same file
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/compile.h"

namespace parapet::lists {

inline constexpr std::size_t kKeptGenerations = 10;

struct KeptList {
  std::string name;
  config::SourceState state = config::SourceState::off;
  std::uint64_t sequence = 0;
  std::uint64_t entries = 0;
};

struct KeptGeneration {
  Generation generation = 0;
  Nanoseconds created_realtime_ns = 0;
  std::vector<KeptList> lists;
};

// thread: callers take turns.  The key must outlive it.
class GenerationStore {
 public:
  // Makes the folders where they are missing, and reads what is kept; what cannot be read is left out.
  //   errors  permission · io
  static Result<GenerationStore> open(const std::string& state_directory, const digest::Key& key);

  // Keeps what a generation was made of; of older ones the last nine.
  //   REQUIRES  lists/NAME holds each list as it is given
  Status keep(Generation generation, Nanoseconds created_realtime_ns, std::span<const CompileInput> lists);

  const std::vector<KeptGeneration>& all() const noexcept { return kept_; }  // the newest first
  //   errors  not_found · malformed · integrity · io
  Result<DigestedList> load(const KeptList& list) const;

 private:
  GenerationStore(std::string state_directory, const digest::Key& key)
      : state_directory_(std::move(state_directory)), key_(&key) {}
  std::string version_path(std::string_view name, std::uint64_t sequence) const;
  Result<KeptGeneration> read(const std::string& file_name) const;
  void read_all();
  void forget_old();

  std::string state_directory_;
  const digest::Key* key_;
  std::vector<KeptGeneration> kept_;
};

}  // namespace parapet::lists
