// SPDX-License-Identifier: Apache-2.0
// Words of lines, records of words.
#include "lists/read/zone_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxWords = 1000;  // of one record
constexpr std::size_t kMaxLabel = 63, kMaxName = 254;

struct NamedType {
  std::string_view name;
  std::uint16_t number;
};
constexpr std::array kTypes{
    NamedType{"A", 1},           NamedType{"NS", 2},      NamedType{"CNAME", 5},    NamedType{"SOA", 6},
    NamedType{"PTR", 12},        NamedType{"HINFO", 13},  NamedType{"MX", 15},      NamedType{"TXT", 16},
    NamedType{"RP", 17},         NamedType{"AFSDB", 18},  NamedType{"AAAA", 28},    NamedType{"LOC", 29},
    NamedType{"SRV", 33},        NamedType{"NAPTR", 35},  NamedType{"KX", 36},      NamedType{"CERT", 37},
    NamedType{"DNAME", 39},      NamedType{"APL", 42},    NamedType{"DS", 43},      NamedType{"SSHFP", 44},
    NamedType{"RRSIG", 46},      NamedType{"NSEC", 47},   NamedType{"DNSKEY", 48},  NamedType{"DHCID", 49},
    NamedType{"NSEC3", 50},      NamedType{"TLSA", 52},   NamedType{"SMIMEA", 53},  NamedType{"HIP", 55},
    NamedType{"NSEC3PARAM", 51}, NamedType{"CDS", 59},    NamedType{"CDNSKEY", 60}, NamedType{"OPENPGPKEY", 61},
    NamedType{"CSYNC", 62},      NamedType{"ZONEMD", 63}, NamedType{"SVCB", 64},    NamedType{"HTTPS", 65},
    NamedType{"SPF", 99},        NamedType{"URI", 256},   NamedType{"CAA", 257},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  return std::ranges::equal(a, b, {}, upper, upper);
}

std::optional<std::uint16_t> type_number(std::string_view word) {
  const auto known = std::ranges::find_if(kTypes, [&](const auto& t) { return equal_ignoring_case(t.name, word); });
  if (known != kTypes.end()) return known->number;
  std::uint16_t number = 0;
  if (!equal_ignoring_case(word.substr(0, 4), "TYPE")) return std::nullopt;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + 4, end, number);
  if (error != std::errc{} || stop != end || number == 0) return std::nullopt;
  return number;
}

ZoneType type_of(std::uint16_t number) {
  switch (number) {
    case 2: return ZoneType::ns;
    case 5: return ZoneType::cname;
    case 6: return ZoneType::soa;
    case 39: return ZoneType::dname;
    case 43:
    case 46:
    case 47:
    case 48:
    case 50:
    case 51:
    case 59:
    case 60:
    case 62:
    case 63: return ZoneType::dnssec;
    default: return ZoneType::data;
  }
}

// A character or "\." or "\123"; false: an escape that is none.
bool take_character(std::string_view& rest, char& out, bool& is_escaped) {
  out = rest.front();
  is_escaped = out == '\\';
  rest.remove_prefix(1);
  if (!is_escaped) return true;
  if (rest.empty()) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!is_digit(rest.front())) {
    out = rest.front();
    rest.remove_prefix(1);
    return true;
  }
  unsigned value = 0;
  if (rest.size() < 3 || !std::ranges::all_of(rest.substr(0, 3), is_digit)) return false;
  for (const char digit : rest.substr(0, 3)) value = value * 10 + static_cast<unsigned>(digit - '0');
  if (value > 255) return false;
  out = static_cast<char>(value);
  rest.remove_prefix(3);
  return true;
}

struct Word {
  std::string text;  // escapes as they stand
  bool is_quoted = false;
};

// The record under way, over as many lines as its parentheses hold together.
class ZoneWalk {
 public:
  ZoneWalk(std::string_view origin, RowSink& sink, const std::function<void(const ZoneRecord&)>& visit)
      : origin_(origin), sink_(&sink), visit_(&visit) {}

  void take(const Line& line) {
    if (!in_parentheses_) {
      line_ = line.number;
      has_own_owner_ = !line.text.starts_with(' ') && !line.text.starts_with('\t');
      words_.clear();
    }
    const char* problem = take_words(line.text);
    if (problem == nullptr && !in_parentheses_ && !words_.empty()) problem = take_record();
    if (problem == nullptr) return;
    sink_->refuse(line.number, problem);
    in_parentheses_ = false;
    words_.clear();
  }

  void end() {
    if (in_parentheses_) sink_->refuse(line_, "a parenthesis that is not closed");
  }

 private:
  const char* take_words(std::string_view rest) {
    while (!rest.empty() && rest.front() != ';') {
      const char c = rest.front();
      if (c == '(' || c == ')') {
        if (in_parentheses_ == (c == '(')) return "parentheses that do not go together";
        in_parentheses_ = c == '(';
      }
      if (c == ' ' || c == '\t' || c == '(' || c == ')') {
        rest.remove_prefix(1);
      } else if (const char* problem = take_word(rest)) {
        return problem;
      }
    }
    return nullptr;
  }

  const char* take_word(std::string_view& rest) {
    if (words_.size() == kMaxWords) return "a record of more than 1000 words";
    Word word;
    word.is_quoted = rest.front() == '"';
    std::size_t at = word.is_quoted ? 1 : 0;
    const std::string_view ends = word.is_quoted ? "\"" : " \t;()\"";
    while (at < rest.size() && !ends.contains(rest[at])) at += rest[at] == '\\' ? 2 : 1;
    if (at > rest.size()) return "a backslash at a line's end";
    if (word.is_quoted && at == rest.size()) return "a quoted text without its closing quote";
    word.text = rest.substr(word.is_quoted ? 1 : 0, word.is_quoted ? at - 1 : at);
    rest.remove_prefix(word.is_quoted ? at + 1 : at);
    words_.push_back(std::move(word));
    return nullptr;
  }

  const char* take_record() {
    std::size_t next = 0;
    if (has_own_owner_) {
      if (words_[0].text.starts_with('$')) return take_directive();
      if (const char* problem = name_of(words_[0], owner_)) return problem;
      has_owner_ = true;
      next = 1;
    }
    if (!has_owner_) return "a record without a name";
    if (const char* problem = skip_ttl_and_class(next)) return problem;
    if (next == words_.size()) return "a record without a type";
    const auto number = type_number(words_[next].text);
    if (!number || words_[next].is_quoted) return "a record of no known type";
    const std::size_t fields = words_.size() - ++next;
    ZoneRecord record{line_, owner_, type_of(*number), {}};
    if (fields == 0) return "a record without data";
    if (record.type == ZoneType::soa && fields != 7) return "a SOA without its seven fields";
    if (record.type == ZoneType::cname) {
      if (fields != 1) return "a CNAME with another than one name";
      if (const char* problem = name_of(words_[next], record.target)) return problem;
    }
    (*visit_)(record);
    return nullptr;
  }

  const char* take_directive() {
    if (words_.size() == 2 && equal_ignoring_case(words_[0].text, "$TTL")) return nullptr;
    if (words_.size() != 2 || !equal_ignoring_case(words_[0].text, "$ORIGIN")) {
      return "a directive other than $ORIGIN and $TTL";
    }
    std::string origin;
    if (const char* problem = name_of(words_[1], origin)) return problem;
    origin_ = std::move(origin);
    return nullptr;
  }

  const char* name_of(const Word& word, std::string& out) const {
    return word.is_quoted ? "a name in quotes" : parse_zone_name(word.text, origin_, out);
  }

  // In either order, each at most once.
  const char* skip_ttl_and_class(std::size_t& next) const {
    bool had_ttl = false, had_class = false;
    for (; next < words_.size(); ++next) {
      const std::string_view word = words_[next].text;
      const bool is_ttl = !word.empty() && word.front() >= '0' && word.front() <= '9';
      const bool is_class = equal_ignoring_case(word, "IN");
      if (!is_ttl && !is_class) break;
      if (is_ttl ? had_ttl : had_class) return "a TTL or class that is said twice";
      (is_ttl ? had_ttl : had_class) = true;
    }
    return nullptr;
  }

  std::string origin_;
  RowSink* sink_;
  const std::function<void(const ZoneRecord&)>* visit_;
  std::vector<Word> words_;
  std::string owner_;
  std::size_t line_ = 0;
  bool has_owner_ = false;
  bool has_own_owner_ = false;
  bool in_parentheses_ = false;
};

}  // namespace

const char* parse_zone_name(std::string_view text, std::string_view origin, std::string& out) {
  out.clear();
  if (text.empty()) return "a name that is empty";
  if (text == "@") {
    out = origin;
    return nullptr;
  }
  std::string label;
  bool is_absolute = text == ".";
  for (auto rest = is_absolute ? std::string_view{} : text; !rest.empty();) {
    char c = 0;
    bool is_escaped = false;
    if (!take_character(rest, c, is_escaped)) return "a name with an escape that is none";
    const bool is_dot = c == '.' && !is_escaped;
    if (!is_dot) label += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!is_dot && !rest.empty()) continue;
    if (label.empty()) return "a name with an empty label";
    if (label.size() > kMaxLabel) return "a name with a label of more than 63 bytes";
    out += static_cast<char>(label.size());
    out += label;
    if (out.size() > kMaxName) return "a name of more than 255 bytes";
    label.clear();
    is_absolute = is_dot;
  }
  if (!is_absolute) out += origin;
  return out.size() > kMaxName ? "a name of more than 255 bytes" : nullptr;
}

void walk_zone(ByteView text, std::string_view origin, RowSink& sink,
               const std::function<void(const ZoneRecord&)>& visit) {
  ZoneWalk walk(origin, sink, visit);
  walk_lines(text, sink, [&](const Line& line) { walk.take(line); });
  walk.end();
}

}  // namespace parapet::lists
