// SPDX-License-Identifier: Apache-2.0
// Text of any encoding that lists come in, as UTF-8.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "config/control_options.h"

namespace parapet::lists {

// UTF-8 without its byte order mark. A byte order mark says more than the configuration; without one the bytes are read
// as configured. UTF-8 comes back as a view of `in` and is not looked at (lines are, when they are read); other text is
// written to `storage`.
//   errors  malformed (half a surrogate pair, an odd byte at the end, a byte that windows-1252 does not have)
Result<ByteView> to_utf8(ByteView in, config::TextEncoding encoding, std::vector<std::uint8_t>& storage);

}  // namespace parapet::lists
