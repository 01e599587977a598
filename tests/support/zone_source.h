// SPDX-License-Identifier: Apache-2.0
// A primary on 127.0.0.1 (zone_source.py), for as long as the object lives.
#pragma once

#include "python_source.h"

namespace parapet::support {

class ZoneSource : public PythonSource {
 public:
  ZoneSource() : PythonSource(PARAPET_ZONE_SOURCE, {"127.0.0.1", "0"}, 1) {}

  std::string address() const { return address_of(0); }
};

}  // namespace parapet::support
