// SPDX-License-Identifier: Apache-2.0
// The replies of the children and a stored digested list. The checksum is made to fit, so that what stands behind it
// is reached; whatever is accepted is written back byte by byte.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "digest/key.h"
#include "lists/update/fetch_frames.h"
#include "lists/update/join_frames.h"
#include "lists/update/read_frames.h"

namespace {

using namespace parapet;

constexpr digest::Key kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
constexpr std::size_t kHeader = 160;
constexpr std::size_t kKeyId = 40;
constexpr std::size_t kChecksum = 56;

// Key id and checksum as docs/formats/digested_list.md says.
void seal(std::vector<std::uint8_t>& bytes) {
  const auto id = digest::key_id(kKey);
  std::ranges::copy(id, bytes.begin() + kKeyId);
  std::vector<std::uint8_t> head(bytes.begin(), bytes.begin() + kHeader);
  std::fill_n(head.begin() + kChecksum, 16, std::uint8_t{0});
  const auto rest = digest::checksum(kKey, ByteView(bytes).subspan(kHeader));
  head.resize(kHeader + sizeof rest);
  std::memcpy(head.data() + kHeader, &rest, sizeof rest);
  const auto sum = digest::checksum(kKey, head);
  std::memcpy(bytes.data() + kChecksum, &sum, sizeof sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(lists::parse_fetch_reply({data, size}));
  static_cast<void>(lists::parse_fetch_request({data, size}));
  const auto read = lists::parse_read_reply({data, size}, kKey, "hotline");
  if (read && read->increment && read->increment->base >= read->list.place.version) std::abort();
  static_cast<void>(lists::parse_join_question({data, size}));
  static_cast<void>(lists::parse_join_reply({data, size}));
  static_cast<void>(lists::parse_read_request({data, size}));
  static_cast<void>(lists::parse_digested_list({data, size}, kKey));
  if (size < kHeader) return 0;
  std::vector<std::uint8_t> bytes(data, data + size);
  seal(bytes);
  const auto list = lists::parse_digested_list(bytes, kKey);
  if (list && lists::format_digested_list(*list, kKey).size() != bytes.size()) std::abort();
  return 0;
}
