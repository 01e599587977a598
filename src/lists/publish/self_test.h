// SPDX-License-Identifier: Apache-2.0
// Known answers against a compiled snapshot, before anybody uses it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "canon/entry.h"
#include "digest/key.h"
#include "lists/compile/compile.h"
#include "snapshot/snapshot.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxTestSites = 10'000;

// What a list must stop, and what no list may.
struct KnownAnswers {
  struct OfList {
    std::string list;
    std::vector<canon::Entry> listed;
  };
  std::vector<OfList> lists;
  std::vector<std::string> unlisted;  // canonical hosts
};

// Which lists of a snapshot stop a URL or a bare name: bit i, list i. The edge's way through the same bytes.
std::uint32_t lists_stopping(const snapshot::Snapshot& snapshot, const canon::Entry& question, const digest::Key& key);

// Each list in the inputs stops its own test entries, unless they are lifted, and none stops the unlisted hosts, unless
// people allowed those entries.
//   errors  refused, with counts and lists, never names
Status check_answers(const snapshot::Snapshot& snapshot, std::span<const CompileInput> inputs,
                     const KnownAnswers& answers, const digest::Key& key);

}  // namespace parapet::lists
