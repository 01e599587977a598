// SPDX-License-Identifier: Apache-2.0
// The canonical path and query against a naive second implementation of docs/formats/canonical.md; the form is
// idempotent; the layer of needless encoding comes off within its bounds.
//   input  byte 0: whether slashes are read leniently; the rest: a target
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "canon/url.h"
#include "require.h"
#include "seeded_mutator.h"
#include "support_bytes.h"

using namespace parapet;
using namespace parapet::canon;

namespace {

using fuzz::require;

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

// Calls `visit` with each character: "%XX" with capital digits, or one byte. A '%' that begins no such is "%25".
template <typename Visit>
void for_characters(std::string_view text, Visit visit) {
  const auto capital = [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) {
      const char triple[] = {'%', capital(text[at + 1]), capital(text[at + 2])};
      visit(std::string_view(triple, 3));
      at += 3;
    } else {
      visit(text[at] == '%' ? "%25" : text.substr(at, 1));
      ++at;
    }
  }
}

// Appends a character as it stands in the canonical form.
void spell(std::string& out, std::string_view character, std::string_view meaningful) {
  unsigned char value = static_cast<unsigned char>(character[0]);
  if (character.size() == 3) std::from_chars(character.data() + 1, character.data() + 3, value, 16);
  const char c = static_cast<char>(value);
  const bool needs = value <= 0x20 || value >= 0x7f || std::string_view("\"<>`{}|^").contains(c);
  if (!needs && (character.size() == 1 || !meaningful.contains(c))) {
    out += c;
  } else {
    static const char kDigits[] = "0123456789ABCDEF";
    for (const char digit : {'%', kDigits[value >> 4], kDigits[value & 15]}) out += digit;
  }
}

struct Form {
  std::string path, query;
  bool soft_end;
};

Form naive(std::string text, bool lenient) {
  text.erase(std::min(text.find('#'), text.size()));
  const std::size_t mark = std::min(text.find('?'), text.size());
  Form form{{}, {}, false};
  const std::string_view all = text;
  if (mark < text.size()) {
    for_characters(all.substr(mark + 1), [&](std::string_view character) { spell(form.query, character, "&=+;#%"); });
  }
  std::vector<std::string> segments{""};
  bool encoded_last = false;
  for_characters(all.substr(0, mark), [&](std::string_view character) {
    const bool encoded = lenient && (character == "%2F" || character == "%5C");
    if (character == "/" || character == "\\" || encoded) {
      segments.emplace_back();
    } else {
      spell(segments.back(), character, "/\\?#%");
    }
    encoded_last = encoded;
  });
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segments[i] != "." && !(segments[i].empty() && (lenient || i == 0))) {
      kept.push_back(segments[i] + (last ? "" : "/"));
    }
    if (last) form.soft_end = segments[i] == "." || segments[i] == ".." || (segments[i].empty() && encoded_last);
  }
  form.path = "/";
  for (const std::string& segment : kept) form.path += segment == "/" ? "" : segment;
  form.soft_end = form.soft_end && form.path.size() > 1;
  return form;
}

const std::vector<support::Bytes> kSeeds{
    support::to_bytes("\x01/a/./b/../c%2e/%2E%2e/d//e\\f%41%2f%5c?q=%41&r=%26 +#f"),
    support::to_bytes("\x02/a%2541/%u0041%c1%81%e0%81%81/\xc3\xbc%zz%"),
};

}  // namespace

std::span<const std::vector<std::uint8_t>> parapet::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const bool lenient = (data[0] & 1) != 0;
  const std::vector<std::uint8_t> exact(data + 1, data + size);
  const auto target = std::make_unique<Target>();
  canonicalise_target(exact, false, *target, lenient ? Slashes::lenient : Slashes::strict);
  require(std::size_t{target->path_length} + target->query_length <= kMaxTarget);
  const std::string path(target->path()), query(target->query());
  const bool cut = target->cut, has_query = target->has_query, soft_end = target->soft_end;
  require(path.front() == '/');
  const Form form = naive(support::to_text(exact), lenient);
  if (!cut) {
    require(path == form.path && query == form.query && soft_end == form.soft_end);
    require(has_query == !form.query.empty());
    const std::string again = path + (has_query ? "?" + query : "");
    canonicalise_target(bytes_of(again), false, *target);
    require(target->path() == path && target->query() == query && !target->cut);
  }
  if (exact.size() <= kMaxTarget) {
    const auto layer = std::make_unique<std::array<std::uint8_t, kMaxTarget>>();
    std::size_t length = 0;
    const bool found = take_off_encoding(exact, *layer, length);
    require(length <= exact.size());
    const bool has_escape = std::find(exact.begin(), exact.end(), std::uint8_t{'%'}) != exact.end();
    require(found || has_escape || (length == exact.size() && std::equal(exact.begin(), exact.end(), layer->begin())));
  }
  return 0;
}
