// SPDX-License-Identifier: Apache-2.0
// How many requests each list in shadow would have stopped: the edge counts what each list holds, and here it is
// remembered from when. Numbers alone; who asked for what is known to nobody.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "counters/reader.h"
#include "digest/key.h"

namespace parapet::lists {

using HitsByProtocol = std::array<std::uint64_t, kCountOf<Protocol>>;

struct HitCount {
  std::uint64_t since_realtime_ns = 0;  // when the edge was seen to use it
  Generation generation = 0;            // in which it began
  HitsByProtocol requests{};
};

struct ShadowCount {
  HitCount all;  // since the list is in shadow, whatever its version
  HitCount version;
  std::uint64_t sequence = 0;  // of that version
};

// A list that the applied snapshot has in shadow.
struct ShadowList {
  std::string name;
  std::uint64_t sequence;
};

// Kept in a keyed file, so that a restart goes on counting. A restart of the edge loses what it counted after it was
// read last; nothing is counted twice.  thread: callers take turns.  The key must outlive it.
class ShadowHits {
 public:
  // A file that is missing or cannot be read is none: counting begins anew.
  ShadowHits(std::string path, const digest::Key& key);

  // Every worker of the edge uses this generation, which has these lists in shadow.
  void begin(Generation generation, std::span<const ShadowList> lists, const counters::Reading& edge,
             Nanoseconds now_realtime_ns);
  // What was counted since the last reading. Call it often: what follows a change of the snapshot is told apart from
  // what went before by the time of the readings.
  void count(const counters::Reading& edge);
  // Generation of the last begin(); 0: none yet.
  Generation begun() const noexcept { return begun_; }

  const ShadowCount* find(const std::string& name) const;
  // Writes what changed.
  Status keep();

 private:
  // Where the counters of a list stood.
  struct Seen {
    std::array<std::uint8_t, 16> boot_id{};
    std::uint64_t start_realtime_ns = 0;  // of the edge
    std::uint64_t slot = 0;               // of the list in its counters
    HitsByProtocol hits{};
  };
  struct Row {
    ShadowCount count;
    std::optional<Seen> seen;
  };
  static std::optional<Seen> see(const std::string& name, const counters::Reading& edge,
                                 const counters::WorkerBlock& total);
  static HitsByProtocol since(const std::optional<Seen>& before, const Seen& now);
  bool read(ByteView bytes);
  std::vector<std::uint8_t> format() const;

  std::string path_;
  const digest::Key* key_;
  std::map<std::string, Row> rows_;
  Generation begun_ = 0;
  bool changed_ = false;
};

}  // namespace parapet::lists
