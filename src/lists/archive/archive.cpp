// SPDX-License-Identifier: Apache-2.0
// Files of the archive.
#include "lists/archive/archive.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "base/file.h"
#include "lists/archive/entry_sealer.h"
#include "lists/archive/format.h"
#include "lists/archive/sealed_stream.h"

namespace parapet::lists {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxArchiveFile = std::size_t{1} << 37;

Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("making folder " + path);
  return {};
}

std::vector<fs::path> paths_in(const std::string& folder) {
  std::error_code ignored;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) paths.push_back(entry.path());
  return paths;
}

std::optional<std::uint64_t> number_of(const std::string& file_name) {
  std::uint64_t number = 0;
  const char* last = file_name.data() + file_name.size();
  const auto [end, error] = std::from_chars(file_name.data(), last, number);
  const bool is_number = error == std::errc{} && end == last && std::to_string(number) == file_name;
  return is_number ? std::optional(number) : std::nullopt;
}

ByteView bytes_of_head(const SealedHead& head) { return {reinterpret_cast<const std::uint8_t*>(&head), sizeof head}; }

// Of a file that may be long, its head alone.
Result<SealedHead> read_head_of(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno("opening " + path);
  std::array<std::uint8_t, sizeof(SealedHead)> bytes;
  const ssize_t got = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  if (got < 0) return fail_errno("reading " + path);
  return read_sealed_head(ByteView(bytes).first(static_cast<std::size_t>(got)));
}

// Memory of another process that can change no more, mapped for reading.
class Mapping {
 public:
  static Result<Mapping> map(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_errno("reading sealed entries");
    const auto size = static_cast<std::size_t>(status.st_size);
    if (!is_sealed_size(size)) return fail(ErrorCode::malformed, "archive: the reading child sealed no entries");
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) return fail_errno("mapping sealed entries");
    return Mapping(mapped, size);
  }
  Mapping(Mapping&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  ByteView bytes() const noexcept { return {static_cast<const std::uint8_t*>(data_), size_}; }

 private:
  Mapping(void* data, std::size_t size) noexcept : data_(data), size_(size) {}
  void* data_;
  std::size_t size_;
};

}  // namespace

Result<Archive> Archive::open(const std::string& state_directory, ArchiveKeys keys) {
  if (auto status = prepare_sealing(); !status) return std::unexpected(status.error());
  const std::string folder = state_directory + "/archive";
  if (auto status = make_folder(folder); !status) return std::unexpected(status.error());
  for (const auto& list : paths_in(folder)) {
    for (const auto& file : paths_in(list.string())) {
      std::error_code ignored;
      if (file.filename().string().contains(".tmp-")) fs::remove(file, ignored);
    }
  }
  return Archive(folder, std::move(keys));
}

std::string Archive::path_of(const ArchivedVersion& version) const {
  return folder_of(version.name) + "/" + std::to_string(version.number);
}

Status Archive::keep(const ArchivedVersion& version, std::uint64_t sealed_realtime_ns, ByteView data_key,
                     int stream_fd) const {
  const auto stream = Mapping::map(stream_fd);
  if (!stream) return std::unexpected(stream.error());
  if (auto status = make_folder(folder_of(version.name)); !status) return status;
  const SealedHead head = make_sealed_head(version, sealed_realtime_ns, keys_.current, data_key);
  const std::array pieces{bytes_of_head(head), stream->bytes()};
  if (auto status = replace_file(path_of(version), pieces, 0600); !status) return status;
  remove_after(version);
  const auto numbers = numbers_of(version.name);
  for (std::size_t i = kKeptVersions; i < numbers.size(); ++i) {
    std::error_code ignored;
    fs::remove(path_of({version.name, numbers[i]}), ignored);
  }
  return {};
}

bool Archive::has(const ArchivedVersion& version) const {
  std::error_code ignored;
  return fs::is_regular_file(path_of(version), ignored);
}

std::vector<std::uint64_t> Archive::numbers_of(const std::string& name) const {
  std::vector<std::uint64_t> numbers;
  for (const auto& path : paths_in(folder_of(name))) {
    if (const auto number = number_of(path.filename().string())) numbers.push_back(*number);
  }
  std::ranges::sort(numbers, std::greater{});
  return numbers;
}

void Archive::remove_after(const ArchivedVersion& version) const {
  for (const auto number : numbers_of(version.name)) {
    std::error_code ignored;
    if (number > version.number) fs::remove(path_of({version.name, number}), ignored);
  }
}

Result<FoundEntry> Archive::find(const std::string& name, EntryId id) const {
  for (const auto number : numbers_of(name)) {
    const ArchivedVersion version{name, number};
    const auto file = read_file(path_of(version), kMaxArchiveFile);
    if (!file) return std::unexpected(file.error());
    auto entry = find_entry(*file, version, keys_, id);
    if (entry) return FoundEntry{number, std::move(*entry)};
    if (entry.error().code != ErrorCode::not_found) {
      return std::unexpected(entry.error().within("version " + std::to_string(number) + " of list " + name));
    }
  }
  return fail(ErrorCode::not_found, "archive: no kept version of list " + name + " has such an entry");
}

Result<std::vector<EntryLine>> Archive::lines_of(const ArchivedVersion& version, std::span<const EntryId> ids) const {
  const auto file = read_file(path_of(version), kMaxArchiveFile);
  if (!file) return std::unexpected(file.error());
  return find_lines(*file, version, keys_, ids);
}

Result<SealedVersion> Archive::load(const ArchivedVersion& version) const {
  auto file = read_file(path_of(version), kMaxArchiveFile);
  if (!file) return std::unexpected(file.error());
  auto data_key = open_sealed_head(*file, version, keys_);
  if (!data_key) return std::unexpected(data_key.error());
  file->erase(file->begin(), file->begin() + sizeof(SealedHead));
  return SealedVersion{std::move(*data_key), std::move(*file)};
}

Result<ResealCount> Archive::reseal() const {
  ResealCount count;
  for (const auto& list : paths_in(folder_)) {
    const std::string name = list.filename().string();
    for (const auto number : numbers_of(name)) {
      const ArchivedVersion version{name, number};
      const auto old = read_head_of(path_of(version));
      if (old && std::ranges::equal(old->key_id, keys_.current.id())) continue;
      const auto file = read_file(path_of(version), kMaxArchiveFile);
      if (!file) return std::unexpected(file.error());
      const auto fresh = rewrap_sealed_head(*file, version, keys_);
      if (!fresh) {
        ++count.closed;
        continue;
      }
      const std::array pieces{bytes_of_head(*fresh), ByteView(*file).subspan(sizeof *fresh)};
      if (auto status = replace_file(path_of(version), pieces, 0600); !status) return std::unexpected(status.error());
      ++count.resealed;
    }
  }
  return count;
}

}  // namespace parapet::lists
