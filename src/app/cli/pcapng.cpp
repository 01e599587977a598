// SPDX-License-Identifier: Apache-2.0
// pcapng: sections of blocks; each section has its own byte order and interfaces.
//
//   block  type | length L | body, L - 12 bytes | length L          L a multiple of 4
//   section header    body: byte-order magic | major minor | section length | options
//   interface         body: link type, 0 | snap length | options
//   enhanced packet   body: interface | time high | time low | captured length | original length | bytes
//   packet (old)      body: interface, drops | time high | time low | captured length | original length | bytes
//   simple packet     body: original length | bytes
#include "app/cli/pcapng.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "app/cli/field_order.h"

namespace parapet::cli {
namespace {

constexpr std::uint32_t kInterface = 1, kOldPacket = 2, kSimplePacket = 3, kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::size_t kMaxInterfaces = 4096;
constexpr std::uint16_t kEndOfOptions = 0, kTimeResolution = 9, kTimeOffset = 14;

__extension__ using Wide = unsigned __int128;

struct Interface {
  std::uint16_t link_type = 0;
  std::uint32_t snap_length = 0;  // 0: none
  std::uint8_t resolution = 6;    // ticks of 10^-n s, or with the top bit 2^-n s
  std::int64_t offset_s = 0;
};

Nanoseconds saturate(Wide value) {
  return value > std::numeric_limits<Nanoseconds>::max() ? std::numeric_limits<Nanoseconds>::max()
                                                         : static_cast<Nanoseconds>(value);
}

Nanoseconds time_of(std::uint64_t ticks, const Interface& interface) {
  Wide ns = ticks;
  const unsigned exponent = interface.resolution & 0x7f;
  if ((interface.resolution & 0x80) != 0) {
    ns = ns * kNanosecondsPerSecond;
    ns = exponent < 100 ? ns >> exponent : 0;
  } else {
    for (unsigned i = exponent; i < 9; ++i) ns *= 10;
    for (unsigned i = 9; i < exponent && ns > 0; ++i) ns /= 10;
  }
  if (interface.offset_s > 0) ns += static_cast<Wide>(interface.offset_s) * kNanosecondsPerSecond;
  if (interface.offset_s < 0) {
    const Wide back = (~static_cast<std::uint64_t>(interface.offset_s) + Wide{1}) * kNanosecondsPerSecond;
    ns = ns > back ? ns - back : 0;
  }
  return saturate(ns);
}

class PcapngReader final : public CaptureReader {
 public:
  explicit PcapngReader(ByteSource& source) : source_(source) {}

  // REQUIRES the block type of a section header was read
  bool read_section_header() {
    std::array<std::uint8_t, 8> start{};  // block length, byte-order magic
    if (source_.read(start) != start.size()) return stop("cut short inside a section header");
    if (load_be32(start.data() + 4) == kByteOrderMagic) {
      order_.big_endian = true;
    } else if (load_be32(start.data() + 4) == __builtin_bswap32(kByteOrderMagic)) {
      order_.big_endian = false;
    } else {
      return stop("a section header without byte-order magic");
    }
    interfaces_.clear();
    const std::uint32_t length = order_.u32(start.data());
    if (length < 28) return stop("a section header too short for itself");
    return read_rest(length, 12) && (order_.u16(body_.data()) == 1 || stop("a section of another major version"));
  }

  bool next(CapturedFrame& out) override {
    for (;;) {
      std::array<std::uint8_t, 4> type{};
      const std::size_t got = source_.read(type);
      if (got == 0) return false;
      if (got < type.size()) return stop("cut short inside a block's header");
      if (load_be32(type.data()) == kPcapngSectionHeader) {
        if (!read_section_header()) return false;
        continue;
      }
      if (!read_block()) return false;
      switch (order_.u32(type.data())) {
        case kInterface:
          if (!take_interface()) return false;
          break;
        case kEnhancedPacket: return take_packet(out, order_.u32(field(0)));
        case kOldPacket: return take_packet(out, body_.size() < 4 ? 0 : order_.u16(field(0)));
        case kSimplePacket: return take_simple_packet(out);
        default: break;
      }
    }
  }

 private:
  // Zeros where the body ends earlier: the callers check sizes with what they find.
  const std::uint8_t* field(std::size_t at) const noexcept {
    static constexpr std::array<std::uint8_t, 8> kNothing{};
    return at + 4 <= body_.size() ? body_.data() + at : kNothing.data();
  }

  bool read_block() {
    std::array<std::uint8_t, 4> length{};
    if (source_.read(length) != length.size()) return stop("cut short inside a block's header");
    return read_rest(order_.u32(length.data()), 8);
  }

  // Reads body and closing length of a block of which `done` bytes were read.
  bool read_rest(std::uint32_t length, std::uint32_t done) {
    if (length < done + 4 || length % 4 != 0) return stop("a block whose length cannot be");
    if (length > kMaxBlockLength) return stop("a block claims more than 16 MiB");
    body_.resize(length - done - 4);
    if (source_.read(body_) < body_.size()) return stop("cut short inside a block");
    std::array<std::uint8_t, 4> closing{};
    if (source_.read(closing) != closing.size()) return stop("cut short inside a block");
    return order_.u32(closing.data()) == length || stop("a block whose two lengths differ");
  }

  bool take_interface() {
    if (body_.size() < 8) return stop("an interface block too short for itself");
    if (interfaces_.size() == kMaxInterfaces) return stop("more than 4,096 interfaces");
    Interface interface;
    interface.link_type = order_.u16(field(0));
    interface.snap_length = order_.u32(field(4));
    read_options(interface);
    interfaces_.push_back(interface);
    return true;
  }

  void read_options(Interface& interface) const {
    for (std::size_t at = 8; at + 4 <= body_.size();) {
      const std::uint16_t code = order_.u16(body_.data() + at);
      const std::size_t length = order_.u16(body_.data() + at + 2);
      const std::uint8_t* value = body_.data() + at + 4;
      at += 4 + (length + 3) / 4 * 4;
      if (code == kEndOfOptions || at > body_.size()) return;
      if (code == kTimeResolution && length == 1) interface.resolution = *value;
      if (code == kTimeOffset && length == 8) interface.offset_s = static_cast<std::int64_t>(order_.u64(value));
    }
  }

  bool take_packet(CapturedFrame& out, std::uint32_t index) {
    if (body_.size() < 20) return stop("a packet block too short for itself");
    if (index >= interfaces_.size()) return stop("a packet of an interface that was not described");
    const std::uint64_t ticks = std::uint64_t{order_.u32(field(4))} << 32 | order_.u32(field(8));
    return take_frame(out, interfaces_[index], time_of(ticks, interfaces_[index]), 20, order_.u32(field(12)));
  }

  bool take_simple_packet(CapturedFrame& out) {
    if (body_.size() < 4) return stop("a packet block too short for itself");
    if (interfaces_.empty()) return stop("a packet of an interface that was not described");
    std::uint32_t length = std::min(order_.u32(field(0)), static_cast<std::uint32_t>(body_.size() - 4));
    if (interfaces_[0].snap_length > 0) length = std::min(length, interfaces_[0].snap_length);
    return take_frame(out, interfaces_[0], 0, 4, length);
  }

  bool take_frame(CapturedFrame& out, const Interface& interface, Nanoseconds time, std::size_t at,
                  std::uint32_t length) {
    if (length > body_.size() - at) return stop("a packet longer than its block");
    if (length > kMaxFrameLength) return stop("a record claims more than 262,144 bytes");
    out.number = ++frames_;
    out.time = time;
    out.link_type = interface.link_type;
    out.bytes = ByteView{body_}.subspan(at, length);
    return true;
  }

  ByteSource& source_;
  FieldOrder order_;
  std::vector<Interface> interfaces_;
  std::vector<std::uint8_t> body_;
};

}  // namespace

Result<std::unique_ptr<CaptureReader>> open_pcapng(ByteSource& source) {
  auto reader = std::make_unique<PcapngReader>(source);
  if (!reader->read_section_header()) return fail(ErrorCode::malformed, "pcapng: " + std::string(reader->damage()));
  return reader;
}

}  // namespace parapet::cli
