// SPDX-License-Identifier: Apache-2.0
// The classic capture format, pcap.
#pragma once

#include <memory>

#include "app/cli/capture.h"
#include "app/cli/field_order.h"

namespace parapet::cli {

inline constexpr std::uint32_t kPcapMicroseconds = 0xa1b2c3d4;  // as a big-endian machine writes it
inline constexpr std::uint32_t kPcapNanoseconds = 0xa1b23c4d;

// Reads on behind the magic.  errors: malformed
Result<std::unique_ptr<CaptureReader>> open_pcap(ByteSource& source, FieldOrder order, std::uint32_t fraction_ns);

}  // namespace parapet::cli
