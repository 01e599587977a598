// SPDX-License-Identifier: Apache-2.0
// Reading markers.
#include "position.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace parapet::cases {

std::size_t place_of(const std::string& text, const MarkedBytes& message) {
  const auto sign = text.find_first_of("+-");
  const std::string base = text.substr(0, sign);
  long place = 0;
  if (!base.empty() && std::isdigit(static_cast<unsigned char>(base[0]))) {
    place = std::stol(base);
  } else if (base == "end") {
    place = static_cast<long>(message.bytes.size());
  } else if (!message.name) {
    throw std::invalid_argument("no name in the message for " + text);
  } else if (base == "name") {
    place = static_cast<long>(message.name->begin);
  } else if (base == "name_end") {
    place = static_cast<long>(message.name->end);
  } else if (base == "middle") {
    place = static_cast<long>((message.name->begin + message.name->end) / 2);
  } else {
    throw std::invalid_argument("no place " + text);
  }
  if (sign != std::string::npos) place += std::stol(text.substr(sign));
  return static_cast<std::size_t>(std::clamp(place, 0L, static_cast<long>(message.bytes.size())));
}

}  // namespace parapet::cases
