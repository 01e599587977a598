// SPDX-License-Identifier: Apache-2.0
// Frames out of capture files, pcap and pcapng, which nobody vouches for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/cli/byte_source.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace parapet::cli {

inline constexpr std::uint32_t kMaxFrameLength = 256 << 10;  // bytes; a longer record is taken for damage
inline constexpr std::uint32_t kMaxBlockLength = 16 << 20;   // bytes of one pcapng block, likewise

struct CapturedFrame {
  std::uint64_t number;     // from 1, over all interfaces, as dissectors count
  Nanoseconds time;         // since 1970; 0 where the capture has none
  std::uint16_t link_type;  // LINKTYPE_*
  ByteView bytes;           // until the next call; may be cut by the capture's snap length
};

class CaptureReader {
 public:
  virtual ~CaptureReader() = default;
  // False: the end of what can be read.
  virtual bool next(CapturedFrame& out) = 0;
  // After the end: why it came early; empty where it did not.
  std::string_view damage() const noexcept { return damage_; }

 protected:
  bool stop(std::string_view why) {
    damage_ = why;
    return false;
  }
  std::uint64_t frames_ = 0;

 private:
  std::string damage_;
};

// Recognises the format by the first bytes. The source must outlive the reader.
//   errors  malformed (no capture, or a header cut short) · unsupported (compressed)
//   cost    memory of one frame or block
Result<std::unique_ptr<CaptureReader>> open_capture(ByteSource& source);

}  // namespace parapet::cli
