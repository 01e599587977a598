// SPDX-License-Identifier: Apache-2.0
// Taking the wrapping off a list: gzip, zstd or zip, by libarchive; the only file that includes it is unpack.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "config/control_options.h"

namespace parapet::lists {

// What is in it: the one stream of gzip or zstd, the one file of a zip. Nothing is guessed: bytes that are not of the
// configured kind are refused, and so is what is wrapped twice.
//   REQUIRES packing is not none
//   errors  malformed (of another kind, damaged, cut short, not one file) · limit (more than max_unpacked_bytes)
//   cost    memory of what comes out; a bomb costs no more than the limit
Result<std::vector<std::uint8_t>> unpack(ByteView packed, config::Packing packing, std::uint64_t max_unpacked_bytes);

}  // namespace parapet::lists
