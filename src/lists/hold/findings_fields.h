// SPDX-License-Identifier: Apache-2.0
// Findings as fields of a frame.
#pragma once

#include "base/frame_fields.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

void write_findings(FrameWriter& writer, const Findings& findings);
// Believes nothing: what is no order of rules, has more named entries than counted ones, or a note that is not visible
// makes the frame incomplete.
Findings read_findings(FrameReader& reader);

}  // namespace parapet::lists
