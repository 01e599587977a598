// SPDX-License-Identifier: Apache-2.0
// Counter files of any content: what is believed has the counts its header claims, and can be added up.
//   input  byte 0: how many workers the file has, and whether its header fits that; then bytes for the header, then for
//          the workers, over and over
#include <cstring>
#include <vector>

#include "counters/reader.h"
#include "input.h"
#include "require.h"

using namespace parapet;
using namespace parapet::counters;

namespace {

using fuzz::require;

// A file is far longer than a useful input: its beginning and its end are the input's, the middle repeats it.
std::vector<std::uint8_t> make_file(fuzz::Input& input) {
  const std::uint8_t shape = input.u8();
  const std::size_t workers = shape & 3;
  const ByteView head = input.bytes(96);
  const ByteView rest = input.bytes(4096);
  std::vector<std::uint8_t> file(sizeof(Header) + workers * sizeof(WorkerBlock));
  if (!head.empty()) std::memcpy(file.data(), head.data(), head.size());
  for (std::size_t at = head.size(); !rest.empty() && at < file.size(); ++at) file[at] = rest[at % rest.size()];
  if ((shape & 4) != 0) {
    Header header;
    std::memcpy(&header, file.data(), sizeof header);
    header.magic = kMagic;
    header.major = kMajor;
    header.header_size = sizeof(Header);
    header.worker_block_size = sizeof(WorkerBlock);
    if ((shape & 8) != 0) header.worker_count = static_cast<std::uint32_t>(workers);
    std::memcpy(file.data(), &header, sizeof header);
  }
  if ((shape & 0x80) != 0) file.resize(file.size() - std::min<std::size_t>(shape >> 4 & 7, file.size()));
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(parse_counters({data, size}));
  fuzz::Input input(data, size);
  const std::vector<std::uint8_t> file = make_file(input);
  const auto reading = parse_counters(file);
  if (!reading) return 0;
  require(reading->workers.size() == reading->header->worker_count);
  require(reading->header->port_count <= kMaxPorts);
  const WorkerBlock total = reading->total();
  require(total.heartbeat_monotonic_ns <= reading->workers[0].heartbeat_monotonic_ns);
  return 0;
}
