// SPDX-License-Identifier: Apache-2.0
// Feeds a stream in pieces and writes down what came out, as text that two runs can be compared by.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "message_builder.h"
#include "packet/extract/extract.h"

namespace parapet::packet::streams {

struct Request {
  Protocol protocol;
  std::vector<std::string> names;
  std::string target;
  bool name_lost, target_cut, ech;
  std::size_t end;  // offset in the stream behind its last byte
  bool operator==(const Request&) const = default;
};

struct Reading {
  std::vector<Request> requests;
  ExtractOutcome outcome = ExtractOutcome::need_more;  // the last
  UninspectedReason reason{};
  std::size_t consumed = 0;
  bool operator==(const Reading&) const = default;
};

// Small bounds, so that tests reach them.
inline constexpr std::uint32_t kMaxHttpHead = 64 * 1024, kMaxHello = 256 * 1024;
inline const ExtractContext& test_context() {
  static HpackPool pool = std::move(*HpackPool::create(4));
  static const ExtractContext context{{kMaxHttpHead, kMaxHello}, &pool};
  return context;
}

// Feeds stream[0, cuts[0]), stream[cuts[0], cuts[1]), ...; each piece stands in memory of its exact size. The text is
// overwritten whenever the parser says that it need not be kept.
inline Reading read_stream(const support::Bytes& stream, const std::vector<std::size_t>& cuts = {},
                           const ExtractContext& context = test_context(), StreamParser parser = {}) {
  Reading out;
  auto text = std::make_unique<RequestText>();
  std::size_t begin = 0;
  for (std::size_t piece = 0; piece <= cuts.size(); ++piece) {
    const std::size_t end = piece < cuts.size() ? cuts[piece] : stream.size();
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[end - begin]);
    std::copy(stream.begin() + static_cast<long>(begin), stream.begin() + static_cast<long>(end), exact.get());
    std::size_t at = 0;
    while (at < end - begin) {
      const Extracted made = parser.feed({exact.get() + at, end - begin - at}, *text, context);
      at += made.consumed;
      out.outcome = made.outcome;
      out.consumed = begin + at;
      if (made.outcome == ExtractOutcome::opaque) return out;  // what it held, it gave back
      if (made.outcome == ExtractOutcome::uninspected) {
        out.reason = made.reason;
        return out;
      }
      if (made.outcome != ExtractOutcome::request) continue;
      Request request{parser.protocol(),
                      {},
                      std::string(text_of(text->target_view())),
                      text->name_lost,
                      text->target_cut,
                      parser.protocol() == Protocol::tls && parser.ech_present(),
                      begin + at};
      for (std::size_t i = 0; i < text->name_count; ++i) request.names.emplace_back(text_of(text->names[i].view()));
      out.requests.push_back(request);
    }
    if (!parser.keeps_text()) std::memset(static_cast<void*>(text.get()), 0xdb, sizeof *text);
    begin = end;
  }
  parser.release(context);
  return out;
}
inline Reading read_stream(std::string_view stream, const std::vector<std::size_t>& cuts = {}) {
  return read_stream(support::to_bytes(stream), cuts);
}

// Where two runs may differ without a difference: after the last byte an unfinished stream has a state, not a result.
inline Reading settled(Reading reading) {
  if (reading.outcome == ExtractOutcome::request || reading.outcome == ExtractOutcome::idle) {
    reading.outcome = ExtractOutcome::need_more;
  }
  // The byte that breaks a header block is not told from the others of its piece.
  if (reading.outcome == ExtractOutcome::uninspected && reading.reason == UninspectedReason::http2_cap) {
    reading.consumed = 0;
  }
  return reading;
}

inline std::string only_name(const Reading& reading) {
  return reading.requests.size() == 1 && reading.requests[0].names.size() == 1 ? reading.requests[0].names[0]
                                                                               : "(not one)";
}

}  // namespace parapet::packet::streams
