// SPDX-License-Identifier: Apache-2.0
// libnghttp2's inflater on a heap of ours.
#include "packet/hpack/hpack_decoder.h"

namespace parapet::packet {
namespace {

FixedHeap& heap(void* of) noexcept { return *static_cast<FixedHeap*>(of); }

void* allocate(std::size_t size, void* of) noexcept { return heap(of).allocate(size); }
void* allocate_zeroed(std::size_t n, std::size_t size, void* of) noexcept { return heap(of).allocate_zeroed(n, size); }
void* reallocate(void* block, std::size_t size, void* of) noexcept { return heap(of).reallocate(block, size); }
void release(void* block, void* of) noexcept { heap(of).free(block); }

}  // namespace

bool HpackDecoder::begin() noexcept {
  heap_.reset();
  field_given_ = false;
  allocator_ = {&heap_, allocate, release, allocate_zeroed, reallocate};
  return ::nghttp2_hd_inflate_new2(&inflater_, &allocator_) == 0;
}

HpackDecoder::Step HpackDecoder::next(ByteView& fragment, bool last, Field& out) noexcept {
  // RFC 7541 §4.2 wants changes of the table's size at the beginning of a block. nginx and lighttpd take them anywhere,
  // so behind each field the block begins anew.
  if (field_given_) ::nghttp2_hd_inflate_end_headers(inflater_);
  nghttp2_nv field{};
  int flags = 0;
  const auto used = ::nghttp2_hd_inflate_hd2(inflater_, &field, &flags, fragment.data(), fragment.size(), last ? 1 : 0);
  if (used < 0) return Step::broken;
  fragment = fragment.subspan(static_cast<std::size_t>(used));
  field_given_ = (flags & NGHTTP2_HD_INFLATE_EMIT) != 0;
  if (field_given_) {
    out = {{field.name, field.namelen}, {field.value, field.valuelen}};
    return Step::field;
  }
  if ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) return Step::more;
  ::nghttp2_hd_inflate_end_headers(inflater_);
  return Step::end;
}

Result<HpackPool> HpackPool::create(std::uint32_t connections) {
  auto decoders = FixedArray<HpackDecoder>::create(connections, "HTTP/2 connections");
  if (!decoders) return std::unexpected(decoders.error());
  auto free = FixedArray<std::uint32_t>::create(connections, "HTTP/2 connections");
  if (!free) return std::unexpected(free.error());
  HpackPool pool;
  pool.decoders_ = std::move(*decoders);
  pool.free_ = std::move(*free);
  for (std::uint32_t i = 0; i < connections; ++i) pool.free_[i] = connections - 1 - i;
  pool.free_count_ = connections;
  return pool;
}

HpackIndex HpackPool::take() noexcept {
  if (free_count_ == 0) return kNoHpack;
  const HpackIndex decoder{free_[free_count_ - 1]};
  if (!decoders_[decoder.value].begin()) return kNoHpack;
  --free_count_;
  return decoder;
}

void HpackPool::give_back(HpackIndex decoder) noexcept {
  decoders_[decoder.value].heap_.reset();
  free_[free_count_++] = decoder.value;
}

}  // namespace parapet::packet
