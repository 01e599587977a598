// SPDX-License-Identifier: Apache-2.0
// The capture format of blocks, pcapng.
#pragma once

#include <memory>

#include "app/cli/capture.h"

namespace parapet::cli {

inline constexpr std::uint32_t kPcapngSectionHeader = 0x0a0d0d0a;  // the same in either byte order

// Reads on behind the first block type.  errors: malformed
Result<std::unique_ptr<CaptureReader>> open_pcapng(ByteSource& source);

}  // namespace parapet::cli
