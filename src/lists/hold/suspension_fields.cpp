// SPDX-License-Identifier: Apache-2.0
// Writing and reading suspensions.
#include "lists/hold/suspension_fields.h"

#include <limits>

#include "base/frame_fields.h"
#include "config/toml_table.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kMagic = "PSU1";
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kMaxLabels = 128;

void write_target(FrameWriter& writer, const SuspensionTarget& target) {
  writer.number(target.is_host ? 1 : 0);
  writer.number(target.entry.value);
  for (const auto word : target.host_words) writer.number(word);
  writer.number(target.suffixes.size());
  for (const auto& suffix : target.suffixes) {
    writer.number(suffix.low);
    writer.number(suffix.high);
  }
}

SuspensionTarget read_target(FrameReader& reader) {
  SuspensionTarget target;
  target.is_host = reader.boolean();
  target.entry = EntryId{reader.number(kMaxNumber)};
  for (auto& word : target.host_words) word = reader.number(kMaxNumber);
  for (auto count = reader.number(kMaxLabels); count > 0; --count) {
    const auto low = reader.number(kMaxNumber);
    target.suffixes.push_back({low, reader.number(kMaxNumber)});
  }
  return target;
}

}  // namespace

std::vector<std::uint8_t> format_suspensions(const KeptSuspensions& kept) {
  FrameWriter writer(kMagic);
  writer.number(kept.next_number);
  writer.number(kept.suspensions.size());
  for (const auto& suspension : kept.suspensions) {
    writer.number(suspension.number);
    write_target(writer, suspension.target);
    writer.text(suspension.reason);
    writer.text(suspension.by);
    writer.text(suspension.confirmed_by);
    writer.number(suspension.begun_realtime_s);
    writer.number(suspension.until_realtime_s);
  }
  return std::move(writer.bytes);
}

Result<KeptSuspensions> parse_suspensions(ByteView bytes) {
  FrameReader reader(bytes);
  reader.magic(kMagic);
  KeptSuspensions kept{reader.number(kMaxNumber), {}};
  for (auto count = reader.number(kMaxSuspensions); count > 0; --count) {
    Suspension suspension;
    suspension.number = reader.number(kMaxNumber);
    suspension.target = read_target(reader);
    suspension.reason = reader.text();
    suspension.by = reader.text();
    suspension.confirmed_by = reader.text();
    suspension.begun_realtime_s = reader.number(kMaxNumber);
    suspension.until_realtime_s = reader.number(kMaxNumber);
    const bool fits = is_reason(suspension.reason) && config::is_name(suspension.by) &&
                      (suspension.confirmed_by.empty() || config::is_name(suspension.confirmed_by));
    if (!fits) reader.reject();
    kept.suspensions.push_back(std::move(suspension));
  }
  if (!reader.complete()) return fail(ErrorCode::malformed, "the suspensions cannot be read");
  return kept;
}

}  // namespace parapet::lists
