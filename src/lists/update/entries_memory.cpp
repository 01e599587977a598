// SPDX-License-Identifier: Apache-2.0
// Anonymous memory for sealed entries.
#include "lists/update/entries_memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/secret_file.h"
#include "lists/archive/archive_key.h"

namespace parapet::lists {
namespace {

constexpr int kAboveTheChilds = 16;  // so that putting descriptors in their places overwrites none still wanted
constexpr std::uint64_t kGrowth = 16;
constexpr std::uint64_t kSmallest = 1 << 20;

}  // namespace

Result<EntriesMemory> EntriesMemory::create() {
  const Fd made(::memfd_create("parapet-entries", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  Fd fd(made.valid() ? ::fcntl(made.get(), F_DUPFD_CLOEXEC, kAboveTheChilds) : -1);
  if (!fd.valid()) return fail_errno("making memory for sealed entries");
  auto data_key = random_secret(kDataKeySize);
  if (!data_key) return std::unexpected(data_key.error());
  return EntriesMemory(std::move(fd), std::move(*data_key));
}

Status EntriesMemory::seal() const {
  if (::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return fail_errno("sealing the entries' memory");
  }
  return {};
}

std::uint64_t max_entries_bytes(const config::SourceOptions& source, std::uint64_t feed_bytes) noexcept {
  const bool is_packed = source.packing != config::Packing::none;
  return kSmallest + kGrowth * (is_packed ? source.max_unpacked_bytes : feed_bytes);
}

}  // namespace parapet::lists
