// SPDX-License-Identifier: Apache-2.0
// The table of formats and what they have in common.
#include "lists/read/read.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.h"
#include "lists/read/encoding.h"
#include "lists/read/end_date.h"
#include "lists/read/format.h"
#include "lists/read/unpack.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxReasons = 5;

struct Format {
  config::FeedFormat format;
  ReadFormat read;
};
constexpr std::array kFormats{
    Format{config::FeedFormat::plain, read_plain}, Format{config::FeedFormat::csv, read_csv},
    Format{config::FeedFormat::hosts, read_hosts}, Format{config::FeedFormat::json, read_json},
    Format{config::FeedFormat::jsonl, read_jsonl}, Format{config::FeedFormat::rpz, read_rpz},
};

Result<canon::EntryKind> parse_kind(std::string_view text, const std::vector<config::KindWord>& words) {
  using enum canon::EntryKind;
  if (!words.empty()) {
    const auto known = std::ranges::find(words, text, &config::KindWord::word);
    if (known == words.end()) return fail(ErrorCode::malformed, "kind is none of the source's kind_word");
    text = known->kind;
  }
  for (const auto kind : {host, domain, url, prefix}) {
    if (text == canon::name_of(kind)) return kind;
  }
  return fail(ErrorCode::malformed, "kind is none of host, domain, url, prefix");
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

// Whether all is ASCII from ' ' to '}', as nearly every line is: eight bytes at a time.
bool is_plain_ascii(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x80 * kOnes;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::uint64_t strange = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const std::uint64_t eight = load_le64(bytes + at);
    // Below ' ' the subtraction borrows into the top bit, from '~' on the addition carries into it.
    strange |= eight | (eight - ' ' * kOnes) | (eight + 2 * kOnes);
  }
  for (; at < text.size(); ++at) {
    if (bytes[at] < ' ' || bytes[at] > '}') return false;
  }
  return (strange & kTops) == 0;
}

}  // namespace

const char* problem_of(std::string_view text) {
  if (text.size() > kMaxLine) return "longer than 8192 bytes";
  if (is_plain_ascii(text)) return nullptr;
  for (const char c : text) {
    if (is_control(c)) return "has control characters";
  }
  return is_utf8(text) ? nullptr : "is not UTF-8";
}

// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const unsigned more = first >= 0xc2 && first <= 0xdf   ? 1
                          : first >= 0xe0 && first <= 0xef ? 2
                          : first >= 0xf0 && first <= 0xf4 ? 3
                                                           : 0;
    if (more == 0 || text.size() - i <= more) return false;
    const auto second = static_cast<unsigned char>(text[i + 1]);
    const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (unsigned k = 2; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

void walk_lines(ByteView feed, RowSink& sink, const std::function<void(const Line&)>& visit) {
  auto rest = text_of(feed);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const char* problem = problem_of(line)) {
      sink.refuse(number, problem);
    } else {
      visit({number, line});
    }
  }
}

void RowSink::refuse(std::size_t line, std::string_view reason) {
  if (refused_ < kMaxReasons) {
    if (refused_ > 0) first_reasons_ += "; ";
    first_reasons_ += "line " + std::to_string(line) + ": " + std::string(reason);
  }
  ++refused_;
}

Status RowSink::finish(std::uint64_t allowed) const {
  if (refused_ <= allowed) return {};
  std::string context =
      std::to_string(refused_) + (refused_ == 1 ? " line" : " lines") + " cannot be read: " + first_reasons_;
  if (refused_ > kMaxReasons) context += "; and " + std::to_string(refused_ - kMaxReasons) + " more";
  return fail(ErrorCode::malformed, std::move(context));
}

Result<FeedReading> read_feed(const VerifiedFeed& feed, const config::SourceOptions& source, const EntrySink& sink) {
  const canon::EntryRules rules{
      .bare_host = source.bare_host_is_domain ? canon::EntryKind::domain : canon::EntryKind::host,
      .with_path = source.url_is_prefix ? canon::EntryKind::prefix : canon::EntryKind::url,
  };
  PlaceReader place;
  const auto take_row = [&](const FeedRow& row) -> Status {
    if (const char* problem = problem_of(row.value)) return fail(ErrorCode::malformed, problem);
    canon::EntryKind kind{};
    if (row.kind) {
      auto parsed = parse_kind(*row.kind, source.kind_words);
      if (!parsed) return std::unexpected(parsed.error());
      kind = *parsed;
    }
    auto entry = canon::parse_entry(row.value, rules, row.kind ? &kind : nullptr);
    if (!entry) return std::unexpected(entry.error());
    entry->line = row.line;
    const auto ends_s = parse_end(row.ends);
    if (!ends_s) return std::unexpected(ends_s.error());
    bool is_removed = false;
    if (source.increments) {
      if (row.version) {
        if (auto status = place.say(*row.version, row.base); !status) return status;
      }
      const auto removes = place.operation(row.operation);
      if (!removes) return std::unexpected(removes.error());
      is_removed = *removes;
    }
    return sink({std::move(*entry), *ends_s, is_removed});
  };
  RowSink rows(take_row, place);
  std::vector<std::uint8_t> unpacked, decoded;
  ByteView bytes = feed.bytes();
  if (source.packing != config::Packing::none) {
    auto content = unpack(bytes, source.packing, source.max_unpacked_bytes);
    if (!content) return std::unexpected(content.error());
    unpacked = std::move(*content);
    bytes = unpacked;
  }
  auto text = to_utf8(bytes, source.encoding, decoded);
  if (!text) return std::unexpected(text.error());
  for (const auto& format : kFormats) {
    if (format.format != source.format) continue;
    auto status = format.read(*text, source, rows);
    // A change that is understood by half would make a list that nobody sent.
    if (status) status = rows.finish(place.is_increment() ? 0 : source.max_wrong_lines);
    if (!status) return std::unexpected(status.error());
    FeedReading reading{rows.unenforceable() + rows.refused(), {}};
    if (!source.increments) return reading;
    auto where = place.finish();
    if (!where) return std::unexpected(where.error());
    reading.place = *where;
    return reading;
  }
  return fail(ErrorCode::unsupported, "format is none of this version's");
}

}  // namespace parapet::lists
