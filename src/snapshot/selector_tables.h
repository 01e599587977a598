// SPDX-License-Identifier: Apache-2.0
// The sections of a snapshot that say whom each list is for. The list's road alone.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "snapshot/builder.h"
#include "snapshot/format.h"

namespace parapet::snapshot {

//   errors  limit (over kMaxSelectors or kMaxPrefixes) · invalid_argument (a selector that selects nothing)
Status check_selectors(const ListInput& list);

struct SelectorTables {
  //   REQUIRES  check_selectors of each
  explicit SelectorTables(std::span<const ListInput> lists);

  std::vector<std::uint32_t> first_of;  // each list's first selector; those that it applies to, then the exempt
  std::vector<Selector> selectors;
  std::vector<std::uint16_t> realms;
  std::vector<PrefixRecord> prefixes;

 private:
  void add(const SelectorInput& input);
};

}  // namespace parapet::snapshot
