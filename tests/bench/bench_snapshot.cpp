// SPDX-License-Identifier: Apache-2.0
// Compiles a list of bare names for benchmarks: bench_snapshot LIST SNAPSHOT KEY
// Each name stands for itself and all below it; KEY is made where it is not there.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "canon/entry.h"
#include "digest/entry.h"
#include "snapshot/builder.h"

namespace {

using namespace parapet;

Status compile(const std::string& list, const std::string& out, const std::string& key_file) {
  const auto key = digest::StoredKey::load_or_create(key_file);
  if (!key) return std::unexpected(key.error());
  std::vector<digest::DigestedEntry> entries;
  std::ifstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    const canon::EntryKind kind = canon::EntryKind::domain;
    const auto entry = canon::parse_entry(line, {}, &kind);
    if (entry) entries.push_back(digest::digest_entry(key->key(), *entry, entries.size() + 1));
  }
  const snapshot::ListInput input{"bench", snapshot::ListState::enforce, entries};
  const auto bytes = snapshot::build_snapshot({&input, 1}, key->key(), 1, {.realtime_ns = 1});
  if (!bytes) return std::unexpected(bytes.error());
  std::printf("%zu entries\n", entries.size());
  return replace_file(out, bytes->view(), 0644);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("bench_snapshot LIST SNAPSHOT KEY\n", stderr);
    return 2;
  }
  const Status done = compile(argv[1], argv[2], argv[3]);
  if (!done) std::fprintf(stderr, "bench_snapshot: %s\n", done.error().context.c_str());
  return done ? 0 : 1;
}
