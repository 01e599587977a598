// SPDX-License-Identifier: Apache-2.0
// What all stream parsers of one worker share: the bounds of one message, and the memory of HTTP/2 connections.
#pragma once

#include <cstdint>

#include "packet/hpack/hpack_decoder.h"

namespace parapet::packet {

struct ExtractLimits {
  std::uint32_t http_head_bytes = 1024 * 1024;  // over kMaxUndecided
  std::uint32_t hello_bytes = 256 * 1024;
};

struct ExtractContext {
  ExtractLimits limits;
  HpackPool* hpack = nullptr;  // nullptr: as if none were free
};

}  // namespace parapet::packet
