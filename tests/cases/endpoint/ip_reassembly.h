// SPDX-License-Identifier: Apache-2.0
// Putting fragments together as Linux does: an overlap ends the datagram, a copy of what is there is ignored.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "base/clock.h"
#include "ip_reading.h"

namespace parapet::cases {

class IpReassembly {
 public:
  // A fragment came. The whole datagram, where it was the last that lacked.
  std::optional<IpReading> take(const IpReading& fragment, Nanoseconds now);

 private:
  struct Datagram {
    Nanoseconds began = 0;
    std::uint8_t protocol = 0;          // of the fragment at offset 0
    std::optional<std::size_t> end;     // known once the last one came
    std::map<std::size_t, Bytes> runs;  // touching ones are joined
  };
  using Key = std::tuple<Bytes, Bytes, std::uint32_t, std::uint8_t>;

  static bool insert(Datagram& datagram, std::size_t begin, const Bytes& bytes);

  std::map<Key, Datagram> datagrams_;
};

}  // namespace parapet::cases
