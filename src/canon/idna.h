// SPDX-License-Identifier: Apache-2.0
// Internationalised names as A-labels; the list's road alone (it allocates; ICU).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace parapet::canon {

// "domain to ASCII" as browsers do it: UTS 46, non-transitional, CheckBidi and CheckJoiners; hyphens and lengths are
// not its matter.  WHATWG URL §3.3, UTS 46 §4
//   in      UTF-8; a name in ASCII comes back as it is
//   errors  malformed; never repeats the name
Result<std::string> domain_to_ascii(std::string_view name);

}  // namespace parapet::canon
