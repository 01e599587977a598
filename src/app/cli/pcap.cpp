// SPDX-License-Identifier: Apache-2.0
// pcap: a header, then records.
//
//   header  magic | major minor | 0 | 0 | snap length | FCS length and link type     24 bytes
//   record  seconds | fraction | captured length | original length | bytes           16 bytes and the frame
#include "app/cli/pcap.h"

#include <array>
#include <vector>

namespace parapet::cli {
namespace {

constexpr std::size_t kRecordHeader = 16;

class PcapReader final : public CaptureReader {
 public:
  PcapReader(ByteSource& source, FieldOrder order, std::uint32_t fraction_ns, std::uint16_t link_type)
      : source_(source), order_(order), fraction_ns_(fraction_ns), link_type_(link_type) {}

  bool next(CapturedFrame& out) override {
    std::array<std::uint8_t, kRecordHeader> header{};
    const std::size_t got = source_.read(header);
    if (got == 0) return false;
    if (got < header.size()) return stop("cut short inside a record's header");
    const std::uint32_t length = order_.u32(header.data() + 8);
    if (length > kMaxFrameLength) return stop("a record claims more than 262,144 bytes");
    bytes_.resize(length);
    if (source_.read(bytes_) < length) return stop("cut short inside a frame");
    out.number = ++frames_;
    out.time =
        order_.u32(header.data()) * kNanosecondsPerSecond + Nanoseconds{order_.u32(header.data() + 4)} * fraction_ns_;
    out.link_type = link_type_;
    out.bytes = bytes_;
    return true;
  }

 private:
  ByteSource& source_;
  FieldOrder order_;
  std::uint32_t fraction_ns_;
  std::uint16_t link_type_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

Result<std::unique_ptr<CaptureReader>> open_pcap(ByteSource& source, FieldOrder order, std::uint32_t fraction_ns) {
  std::array<std::uint8_t, 20> header{};
  if (source.read(header) != header.size()) return fail(ErrorCode::malformed, "pcap header is cut short");
  // The upper half holds the length of the frame check sequence, which decoding takes for a trailer.
  const auto link_type = static_cast<std::uint16_t>(order.u32(header.data() + 16) & 0xffff);
  return std::make_unique<PcapReader>(source, order, fraction_ns, link_type);
}

}  // namespace parapet::cli
