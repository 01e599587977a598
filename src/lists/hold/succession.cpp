// SPDX-License-Identifier: Apache-2.0
// Comparing numbers of versions.
#include "lists/hold/succession.h"

#include <string>

namespace parapet::lists {
namespace {

const DigestedList* newest_of(const DigestedList* in_force, const HeldList* held) {
  return held != nullptr ? &held->list : in_force;
}

std::uint64_t version_of(const DigestedList* list) { return list == nullptr ? 0 : list->place.version; }

std::string number_text(std::uint64_t version) { return version == 0 ? "none" : std::to_string(version); }

}  // namespace

Succession find_succession(const GuardedList& read, const DigestedList* in_force, const HeldList* held) {
  const auto* newest = newest_of(in_force, held);
  const std::uint64_t version = read.list.place.version, newest_version = version_of(newest);
  const std::uint64_t kept_number = in_force == nullptr ? 0 : in_force->sequence;
  if (version == 0) return {.follows = Follows::whole};  // a source that does not number its lists, or not any more
  if (version < newest_version) return {.follows = Follows::old};
  if (!read.increment) return {.follows = Follows::whole};
  if (version == newest_version) return {Follows::repeat, newest, held != nullptr, 0};
  const std::uint64_t base = read.increment->base;
  if (held != nullptr && version_of(&held->list) == base) return {Follows::fits, &held->list, true, kept_number + 1};
  if (version_of(in_force) == base) return {Follows::fits, in_force, false, kept_number};
  return {.follows = Follows::gap};
}

Status check_succession(const Succession& succession, const GuardedList& read, const DigestedList* in_force,
                        const HeldList* held) {
  const auto* newest = newest_of(in_force, held);
  const std::uint64_t version = read.list.place.version;
  switch (succession.follows) {
    case Follows::old:
      return fail(ErrorCode::refused, "it has the number " + number_text(version) + ", and ours is " +
                                          number_text(version_of(newest)) + ": an old list does not come back");
    case Follows::gap:
      return fail(ErrorCode::refused, "it changes version " + number_text(read.increment->base) + " of the list to " +
                                          number_text(version) + ", and ours is " + number_text(version_of(newest)));
    case Follows::repeat:
      if (is_made_by(*succession.base, read.list, *read.increment)) return {};
      return fail(ErrorCode::refused, "another increment bears the number of our version, " + number_text(version));
    case Follows::whole:
      if (version == 0 || version != version_of(newest) || newest->entries == read.list.entries) return {};
      return fail(ErrorCode::refused, "another list bears the number of our version, " + number_text(version));
    case Follows::fits: break;
  }
  return {};
}

}  // namespace parapet::lists
