// SPDX-License-Identifier: Apache-2.0
// The last good version of each source, as digests, in state_directory/lists/NAME (0600).
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"

namespace parapet::lists {

// Makes a folder for this user alone (0700) where it is missing.  errors: permission · io · not_found (its parent)
Status make_private_folder(const std::string& path);

// Removes what a killed process left of replacing PATH (base/file.h): PATH.tmp-NUMBER.
//   REQUIRES  no other process replaces it now
void remove_unfinished(const std::string& path);

// thread: callers take turns.  The key must outlive the store.
class SourceStore {
 public:
  // Makes the folder (0700) where it is missing and claims it for this process.
  //   errors  permission · io · refused (another process has it)
  static Result<SourceStore> open(const std::string& state_directory, const digest::Key& key);

  //   errors  not_found · malformed · integrity · unsupported · io
  Result<DigestedList> load(const std::string& source_name) const;
  // The old version stays until the new one is on disk and reads back as what was meant.
  Status store(const DigestedList& list) const;

 private:
  SourceStore(std::string folder, Fd claim, const digest::Key& key)
      : folder_(std::move(folder)), claim_(std::move(claim)), key_(&key) {}
  std::string folder_;
  Fd claim_;  // holds the lock
  const digest::Key* key_;
};

}  // namespace parapet::lists
