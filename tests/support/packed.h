// SPDX-License-Identifier: Apache-2.0
// Bytes wrapped as sources wrap them, by libarchive.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "config/control_options.h"

namespace parapet::support {

// For gzip and zstd of one file only its content counts.
inline std::string packed(config::Packing packing, const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out(1 << 20, '\0');
  for (const auto& [name, content] : files) out.resize(out.size() + 2 * content.size());
  std::size_t used = 0;
  archive* writer = ::archive_write_new();
  if (packing == config::Packing::zip) {
    ::archive_write_set_format_zip(writer);
  } else {
    ::archive_write_set_format_raw(writer);
    packing == config::Packing::gzip ? ::archive_write_add_filter_gzip(writer)
                                     : ::archive_write_add_filter_zstd(writer);
  }
  ::archive_write_set_bytes_in_last_block(writer, 1);
  if (::archive_write_open_memory(writer, out.data(), out.size(), &used) != ARCHIVE_OK) std::abort();
  for (const auto& [name, content] : files) {
    archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    ::archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    if (::archive_write_header(writer, entry) != ARCHIVE_OK) std::abort();
    if (::archive_write_data(writer, content.data(), content.size()) < 0) std::abort();
    ::archive_entry_free(entry);
  }
  if (::archive_write_free(writer) != ARCHIVE_OK) std::abort();
  out.resize(used);
  return out;
}
inline std::string packed(config::Packing packing, std::string content) {
  return packed(packing, {{"list.txt", std::move(content)}});
}

}  // namespace parapet::support
