// SPDX-License-Identifier: Apache-2.0
// Capture files for tests, written field by field in either byte order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/capture.h"
#include "support_bytes.h"

namespace parapet::cli {

using support::Bytes;

class FieldWriter {
 public:
  explicit FieldWriter(bool big_endian) : big_endian_(big_endian) {}
  FieldWriter& u16(std::uint64_t value) { return number(value, 2); }
  FieldWriter& u32(std::uint64_t value) { return number(value, 4); }
  FieldWriter& bytes(ByteView bytes) {
    support::append(out, bytes);
    return *this;
  }
  FieldWriter& pad() {
    while (out.size() % 4 != 0) out.push_back(0);
    return *this;
  }
  Bytes out;

 private:
  FieldWriter& number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      out.push_back(static_cast<std::uint8_t>(value >> 8 * (big_endian_ ? size - 1 - i : i)));
    }
    return *this;
  }
  bool big_endian_;
};

struct PcapShape {
  bool big_endian = false;
  bool nanoseconds = false;
  std::uint32_t link_type = 1;
};

inline Bytes pcap_record(const PcapShape& shape, ByteView frame, std::uint32_t seconds = 0,
                         std::uint32_t fraction = 0) {
  return FieldWriter(shape.big_endian).u32(seconds).u32(fraction).u32(frame.size()).u32(frame.size()).bytes(frame).out;
}

inline Bytes pcap(const PcapShape& shape, const std::vector<Bytes>& frames) {
  FieldWriter file(shape.big_endian);
  file.u32(shape.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(shape.link_type);
  std::uint32_t seconds = 100;
  for (const auto& frame : frames) file.bytes(pcap_record(shape, frame, seconds++, 5));
  return file.out;
}

inline Bytes block(bool big_endian, std::uint32_t type, const Bytes& body) {
  return FieldWriter(big_endian).u32(type).u32(body.size() + 12).bytes(body).u32(body.size() + 12).out;
}
inline Bytes section_header(bool big_endian) {
  return block(big_endian, 0x0a0d0d0a, FieldWriter(big_endian).u32(0x1a2b3c4d).u16(1).u16(0).u32(~0U).u32(~0U).out);
}
inline Bytes interface_block(bool big_endian, std::uint16_t link_type, const Bytes& options = {},
                             std::uint32_t snap = 0) {
  return block(big_endian, 1, FieldWriter(big_endian).u16(link_type).u16(0).u32(snap).bytes(options).out);
}
inline Bytes enhanced_packet(bool big_endian, std::uint32_t interface, std::uint64_t ticks, ByteView frame) {
  return block(big_endian, 6,
               FieldWriter(big_endian)
                   .u32(interface)
                   .u32(ticks >> 32)
                   .u32(ticks & 0xffffffff)
                   .u32(frame.size())
                   .u32(frame.size())
                   .bytes(frame)
                   .pad()
                   .out);
}

struct ReadFrame {
  std::uint64_t number;
  Nanoseconds time;
  std::uint16_t link_type;
  Bytes bytes;
};
struct ReadCapture {
  bool opened = false;
  std::string damage;  // or why it did not open
  std::vector<ReadFrame> frames;
};

inline ReadCapture read_all(ByteView file) {
  MemorySource source(file);
  auto reader = open_capture(source);
  if (!reader) return {false, reader.error().context, {}};
  ReadCapture all{true, {}, {}};
  CapturedFrame frame{};
  while ((*reader)->next(frame)) {
    all.frames.push_back({frame.number, frame.time, frame.link_type, Bytes(frame.bytes.begin(), frame.bytes.end())});
  }
  all.damage = (*reader)->damage();
  return all;
}

}  // namespace parapet::cli
