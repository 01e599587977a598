// SPDX-License-Identifier: Apache-2.0
// Edits of TCP headers.
#include "packet/act/header_edit.h"

#include <cstring>

#include "packet/act/segment_edit.h"

namespace parapet::packet {
namespace {

constexpr std::size_t kFlagsOffset = 13, kUrgentOffset = 18;
constexpr std::uint8_t kNoOperation = 1;

}  // namespace

void clear_urgent(MutableBytes frame, Decoded& decoded) noexcept {
  const ChecksumRepair repair(frame, decoded);
  std::uint8_t* tcp = frame.data() + decoded.l4_offset;
  tcp[kFlagsOffset] = static_cast<std::uint8_t>(tcp[kFlagsOffset] & ~kTcpUrg);
  store_be16(tcp + kUrgentOffset, 0);
  decoded.flags = tcp[kFlagsOffset];
  repair.finish(frame);
}

void blank_option(MutableBytes frame, const Decoded& decoded, std::size_t offset, std::size_t length) noexcept {
  const ChecksumRepair repair(frame, decoded);
  std::memset(frame.data() + decoded.l4_offset + offset, kNoOperation, length);
  repair.finish(frame);
}

}  // namespace parapet::packet
