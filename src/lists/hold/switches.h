// SPDX-License-Identifier: Apache-2.0
// The switch of each source: one person turns it to shadow or off at once, over restarts and list updates.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"

namespace parapet::lists {

// Kept in a keyed file.  thread: callers take turns.  The key must outlive it.
class Switches {
 public:
  //   errors  integrity · malformed · io; without a file all are as control.toml says
  static Result<Switches> load(std::string path, const digest::Key& key);

  // enforce: as control.toml says again.
  Status turn(const std::string& source, config::SourceState state);
  // The lesser of what control.toml says and what the switch says: a switch never makes more of a list. One without its
  // legal basis is in shadow at most.
  config::SourceState state_of(const config::SourceOptions& source) const;

 private:
  Switches(std::string path, const digest::Key& key) : path_(std::move(path)), key_(&key) {}
  std::string path_;
  const digest::Key* key_;
  std::map<std::string, config::SourceState> turned_;
};

}  // namespace parapet::lists
