// SPDX-License-Identifier: Apache-2.0
// Recognising capture formats.
#include "app/cli/capture.h"

#include <array>

#include "app/cli/pcap.h"
#include "app/cli/pcapng.h"

namespace parapet::cli {

Result<std::unique_ptr<CaptureReader>> open_capture(ByteSource& source) {
  std::array<std::uint8_t, 4> magic{};
  if (source.read(magic) != magic.size()) return fail(ErrorCode::malformed, "too short for a capture");
  switch (load_be32(magic.data())) {
    case kPcapngSectionHeader: return open_pcapng(source);
    case kPcapMicroseconds: return open_pcap(source, {.big_endian = true}, 1000);
    case kPcapNanoseconds: return open_pcap(source, {.big_endian = true}, 1);
    case __builtin_bswap32(kPcapMicroseconds): return open_pcap(source, {.big_endian = false}, 1000);
    case __builtin_bswap32(kPcapNanoseconds): return open_pcap(source, {.big_endian = false}, 1);
    default: break;
  }
  if (magic[0] == 0x1f && magic[1] == 0x8b) return fail(ErrorCode::unsupported, "compressed by gzip; unpack it first");
  if (load_be32(magic.data()) == 0x28b52ffd) return fail(ErrorCode::unsupported, "compressed by zstd; unpack it first");
  return fail(ErrorCode::malformed, "neither pcap nor pcapng");
}

}  // namespace parapet::cli
