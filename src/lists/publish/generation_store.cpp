// SPDX-License-Identifier: Apache-2.0
// Keeping generations.
#include "lists/publish/generation_store.h"

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <set>

#include "base/file.h"
#include "base/frame_fields.h"
#include "config/toml_table.h"
#include "lists/publish/keyed_file.h"
#include "lists/publish/source_store.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kMagic = "PGN1";
constexpr std::size_t kMaxRecord = 16 << 10;
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint64_t>::max();

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

std::vector<std::uint8_t> format_generation(const KeptGeneration& kept) {
  FrameWriter writer(kMagic);
  writer.number(kept.generation);
  writer.number(kept.created_realtime_ns);
  writer.number(kept.lists.size());
  for (const auto& list : kept.lists) {
    writer.text(list.name);
    writer.number(static_cast<std::uint64_t>(list.state));
    writer.number(list.sequence);
    writer.number(list.entries);
  }
  return std::move(writer.bytes);
}

}  // namespace

Result<GenerationStore> GenerationStore::open(const std::string& state_directory, const digest::Key& key) {
  for (const char* folder : {"/generations", "/versions"}) {
    if (auto status = make_private_folder(state_directory + folder); !status) return std::unexpected(status.error());
  }
  GenerationStore store(state_directory, key);
  store.read_all();
  return store;
}

std::string GenerationStore::version_path(std::string_view name, std::uint64_t sequence) const {
  return state_directory_ + "/versions/" + std::string(name) + "-" + std::to_string(sequence);
}

Status GenerationStore::keep(Generation generation, Nanoseconds created_realtime_ns,
                             std::span<const CompileInput> lists) {
  KeptGeneration kept{generation, created_realtime_ns, {}};
  for (const auto& input : lists) {
    const auto& list = *input.list;
    const auto version = version_path(list.name, list.sequence);
    if (::link((state_directory_ + "/lists/" + list.name).c_str(), version.c_str()) != 0 && errno != EEXIST) {
      return fail_errno("keeping " + version);
    }
    kept.lists.push_back({list.name, input.state, list.sequence, list.entries.size()});
  }
  const auto path = state_directory_ + "/generations/" + std::to_string(generation);
  if (auto status = write_keyed_file(path, format_generation(kept), *key_); !status) return status;
  kept_.insert(kept_.begin(), std::move(kept));
  forget_old();
  return {};
}

Result<KeptGeneration> GenerationStore::read(const std::string& file_name) const {
  auto bytes = read_keyed_file(state_directory_ + "/generations/" + file_name, kMaxRecord, *key_);
  if (!bytes) return std::unexpected(bytes.error());
  FrameReader reader(*bytes);
  reader.magic(kMagic);
  KeptGeneration kept;
  kept.generation = reader.number(kMaxNumber);
  kept.created_realtime_ns = reader.number(kMaxNumber);
  for (auto count = reader.number(config::kMaxSources); count > 0; --count) {
    KeptList list;
    list.name = reader.text();
    list.state = reader.choice(config::SourceState::enforce);
    list.sequence = reader.number(kMaxNumber);
    list.entries = reader.number(kMaxNumber);
    if (!config::is_name(list.name)) reader.reject();
    kept.lists.push_back(std::move(list));
  }
  if (!reader.complete() || std::to_string(kept.generation) != file_name) {
    return fail(ErrorCode::malformed, "generation " + file_name + " cannot be read");
  }
  return kept;
}

void GenerationStore::read_all() {
  for (const auto& name : names_in(state_directory_ + "/generations")) {
    if (auto generation = read(name)) kept_.push_back(std::move(*generation));
  }
  std::ranges::sort(kept_, std::ranges::greater{}, &KeptGeneration::generation);
}

void GenerationStore::forget_old() {
  if (kept_.size() > kKeptGenerations) kept_.resize(kKeptGenerations);
  std::set<std::string> generations, versions;
  for (const auto& generation : kept_) {
    generations.insert(std::to_string(generation.generation));
    for (const auto& list : generation.lists) versions.insert(list.name + "-" + std::to_string(list.sequence));
  }
  const auto forget = [this](const std::string& folder, const std::set<std::string>& wanted) {
    std::error_code ignored;
    for (const auto& name : names_in(state_directory_ + folder)) {
      if (!wanted.contains(name)) std::filesystem::remove(state_directory_ + folder + "/" + name, ignored);
    }
  };
  forget("/generations", generations);
  forget("/versions", versions);
}

Result<DigestedList> GenerationStore::load(const KeptList& kept) const {
  auto bytes = read_file(version_path(kept.name, kept.sequence), kMaxDigestedListFile);
  if (!bytes) return std::unexpected(bytes.error());
  auto list = parse_digested_list(*bytes, *key_);
  if (list && (list->name != kept.name || list->sequence != kept.sequence)) {
    return fail(ErrorCode::integrity, "a kept version is of another list");
  }
  return list;
}

}  // namespace parapet::lists
