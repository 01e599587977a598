// SPDX-License-Identifier: Apache-2.0
// The stream of an archived version, opened chunk by chunk: the counterpart of EntrySealer.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace parapet::lists {

// Whether a stream of this many bytes can be one at all; its tags only the data key can tell.
bool is_sealed_size(std::uint64_t stream_bytes) noexcept;

// Sees one entry in clear; the text is valid during the call.
using SealedEntryVisitor = std::function<void(EntryId id, std::uint64_t line, std::string_view canonical_text)>;

// Opens the stream to its end, whatever it finds.
//   data_key  kDataKeySize bytes
//   errors    integrity (a chunk changed, moved or missing, cut short, something behind its end) · malformed (what was
//             sealed is no row of entries)
//   cost      one pass, two chunks of memory, overwritten afterwards
//   thread    any
Status walk_sealed_stream(ByteView stream, ByteView data_key, const SealedEntryVisitor& visit);

}  // namespace parapet::lists
