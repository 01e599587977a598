// SPDX-License-Identifier: Apache-2.0
// Places in a message by markers: 12, name, name+3, name_end, middle (of the name), end-1.
#pragma once

#include <string>

#include "template.h"

namespace parapet::cases {

// Where `text` leads to; at most at the end, at least at 0. Throws std::invalid_argument.
std::size_t place_of(const std::string& text, const MarkedBytes& message);

}  // namespace parapet::cases
