// SPDX-License-Identifier: Apache-2.0
// A pipeline whose pools run out within one input.
#pragma once

#include "packet/pipeline/pipeline.h"

namespace parapet::fuzz {

inline packet::PipelineOptions small_pools() {
  packet::PipelineOptions options;
  options.handshake_slots = 16;
  options.records = 8;
  options.messages = 6;
  options.kept_blocks = 40;
  options.limits.fragment_datagrams = 8;
  options.limits.fragment_blocks = 16;
  options.limits.quic_connections = 16;
  options.limits.quic_hello_bytes = 4 * 1024;
  options.limits.http2_connections = 2;
  return options;
}

}  // namespace parapet::fuzz
