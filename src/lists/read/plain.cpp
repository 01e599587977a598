// SPDX-License-Identifier: Apache-2.0
// Format plain: a host or URL a line; a line that begins with # and an empty one say nothing.
#include "lists/read/format.h"

namespace parapet::lists {

// A # behind text belongs to the URL (a fragment, which canonicalising drops).
Status read_plain(ByteView feed, const config::SourceOptions&, RowSink& sink) {
  walk_lines(feed, sink, [&](const Line& line) {
    const auto value = trim(line.text);
    if (value.empty() || value.front() == '#') return;
    sink.take({line.number, value});
  });
  return {};
}

}  // namespace parapet::lists
