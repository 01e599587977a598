// SPDX-License-Identifier: Apache-2.0
// Unpacking by libarchive, with one filter or one format switched on.
#include "lists/read/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <memory>

namespace parapet::lists {
namespace {

using config::Packing;

constexpr std::size_t kStep = 256 << 10;

struct Closer {
  void operator()(archive* reader) const noexcept { ::archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Closer>;

Error damaged(Packing packing) {
  return {ErrorCode::malformed, "it is no whole " + std::string(config::name_of(packing))};
}

// libarchive's own texts may repeat names of the archive, so they are left out.
Reader open(ByteView packed, Packing packing) {
  Reader reader(::archive_read_new());
  if (!reader) return reader;
  int failed = 0;
  switch (packing) {
    case Packing::gzip: failed = ::archive_read_support_filter_gzip(reader.get()); break;
    case Packing::zstd: failed = ::archive_read_support_filter_zstd(reader.get()); break;
    case Packing::zip: failed = ::archive_read_support_format_zip_seekable(reader.get()); break;
    case Packing::none: break;
  }
  if (packing != Packing::zip) failed |= ::archive_read_support_format_raw(reader.get());
  if (failed != ARCHIVE_OK || ::archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK) {
    reader.reset();
  }
  return reader;
}

// Whether the filter that was switched on is the one that reads, once, and no plain bytes pass by it.
bool is_of_kind(archive* reader, Packing packing) {
  constexpr int kOneAndTheBytes = 2;
  if (packing != Packing::zip && ::archive_filter_count(reader) != kOneAndTheBytes) return false;
  switch (packing) {
    case Packing::gzip: return ::archive_filter_code(reader, 0) == ARCHIVE_FILTER_GZIP;
    case Packing::zstd: return ::archive_filter_code(reader, 0) == ARCHIVE_FILTER_ZSTD;
    case Packing::zip: return (::archive_format(reader) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
    case Packing::none: break;
  }
  return false;
}

}  // namespace

Result<std::vector<std::uint8_t>> unpack(ByteView packed, Packing packing, std::uint64_t max_unpacked_bytes) {
  const Reader reader = open(packed, packing);
  archive_entry* entry = nullptr;
  if (!reader || ::archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK || !is_of_kind(reader.get(), packing)) {
    return std::unexpected(damaged(packing));
  }
  if (packing == Packing::zip && ::archive_entry_filetype(entry) != AE_IFREG) {
    return fail(ErrorCode::malformed, "the zip does not begin with a file");
  }
  std::vector<std::uint8_t> out;
  for (;;) {
    const std::size_t at = out.size();
    out.resize(at + kStep);
    const la_ssize_t got = ::archive_read_data(reader.get(), out.data() + at, kStep);
    if (got < 0) return std::unexpected(damaged(packing));
    out.resize(at + static_cast<std::size_t>(got));
    if (out.size() > max_unpacked_bytes) {
      return fail(ErrorCode::limit,
                  "unpacked it has more than max_unpacked_bytes = " + std::to_string(max_unpacked_bytes));
    }
    if (got == 0) break;
  }
  const int next = ::archive_read_next_header(reader.get(), &entry);
  if (next == ARCHIVE_OK) return fail(ErrorCode::malformed, "more than one file is packed in it");
  if (next != ARCHIVE_EOF) return std::unexpected(damaged(packing));
  return out;
}

}  // namespace parapet::lists
