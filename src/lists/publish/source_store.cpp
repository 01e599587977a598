// SPDX-License-Identifier: Apache-2.0
// Keeping digested lists.
#include "lists/publish/source_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <cerrno>
#include <filesystem>

#include "base/file.h"

namespace parapet::lists {
Status make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("making folder " + path);
  return {};
}

void remove_unfinished(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::string begin = whole.filename().string() + ".tmp-";
  std::error_code ignored;
  std::vector<std::filesystem::path> unfinished;
  for (const auto& entry : std::filesystem::directory_iterator(whole.parent_path(), ignored)) {
    if (entry.path().filename().string().starts_with(begin)) unfinished.push_back(entry.path());
  }
  for (const auto& left : unfinished) std::filesystem::remove(left, ignored);
}

Result<SourceStore> SourceStore::open(const std::string& state_directory, const digest::Key& key) {
  if (auto status = make_private_folder(state_directory); !status) return std::unexpected(status.error());
  const std::string folder = state_directory + "/lists";
  if (auto status = make_private_folder(folder); !status) return std::unexpected(status.error());
  Fd claim(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!claim.valid()) return fail_errno("opening folder " + folder);
  if (::flock(claim.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::refused, "another parapetd uses " + state_directory);
  }
  return SourceStore(folder, std::move(claim), key);
}

Result<DigestedList> SourceStore::load(const std::string& source_name) const {
  auto bytes = read_file(folder_ + "/" + source_name, kMaxDigestedListFile);
  if (!bytes) return std::unexpected(bytes.error());
  auto list = parse_digested_list(*bytes, *key_);
  if (list && list->name != source_name)
    return fail(ErrorCode::integrity, "digested list: it belongs to another source");
  return list;
}

Status SourceStore::store(const DigestedList& list) const {
  return replace_file(folder_ + "/" + list.name, format_digested_list(list, *key_), 0600,
                      [this](ByteView bytes) -> Status {
                        auto read_back = parse_digested_list(bytes, *key_);
                        if (!read_back) return std::unexpected(read_back.error().within("reading back"));
                        return {};
                      });
}

}  // namespace parapet::lists
