// SPDX-License-Identifier: Apache-2.0
// Line by line, as RFC 9112 has it and as servers bend it.
#include "http_reading.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace parapet::cases {
namespace {

constexpr std::string_view kBlanks = " \t\v\f";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\v\f\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\v\f\r") - first + 1);
}
std::string small(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// One after another: what is left of the client's text.
class Lines {
 public:
  Lines(std::string_view text, const HttpManners& manners) : text_(text), manners_(manners) {}

  void pass_blank_lines() {
    const std::string_view passed = manners_.lenient ? "\r\n \t" : "\r\n";
    text_.remove_prefix(std::min(text_.find_first_not_of(passed), text_.size()));
  }
  // Without its end; nothing: the end has not come.
  std::optional<std::string_view> next() {
    std::size_t end = text_.find('\n');
    std::size_t behind = end + 1;
    if (manners_.bare_cr_ends_line) {
      const std::size_t cr = text_.find('\r');
      if (cr > 0 && cr < end && cr + 1 < text_.size() && text_[cr + 1] != '\n') {
        end = cr;
        behind = cr + 1;
      }
    }
    if (end == std::string_view::npos) return {};
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(behind);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }
  bool pass(std::size_t count) {
    if (count > text_.size()) return false;
    text_.remove_prefix(count);
    return true;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
  const HttpManners& manners_;
};

struct Head {
  std::string method, target;
  bool versioned = false;
  std::vector<std::string> hosts;
  std::optional<std::size_t> length;
  bool chunked = false;
  bool refused = false;
};

// RFC 9112 §3.2; servers refuse any other form.
bool is_target(const Head& head) {
  if (head.target.empty()) return false;
  if (head.target[0] == '/' || head.target[0] == '*' || small(head.method) == "connect") return true;
  const auto scheme = head.target.find("://");
  return scheme != std::string::npos && scheme < head.target.find('/');
}

bool read_start_line(std::string_view line, const HttpManners& manners, Head& head) {
  const std::string_view blanks = manners.lenient ? kBlanks : " ";
  const auto method_end = line.find_first_of(blanks);
  if (method_end == 0 || method_end == std::string_view::npos) return false;
  head.method = line.substr(0, method_end);
  if (head.method.find_first_of(":,;()<>@\"/[]?={}\\") != std::string::npos) return false;  // RFC 9110 §5.6.2
  line.remove_prefix(std::min(line.find_first_not_of(blanks, method_end), line.size()));
  const auto target_end = std::min(line.find_first_of(blanks), line.size());
  head.target = line.substr(0, target_end);
  const std::string_view version = trimmed(line.substr(target_end));
  head.versioned = !version.empty();
  if (!is_target(head)) return false;
  if (manners.lenient) return true;
  return head.versioned ? version.starts_with("HTTP/1.") : head.method == "GET";
}

void take_field(std::string_view name, std::string_view value, const HttpManners& manners, Head& head) {
  if (manners.lenient) name = trimmed(name);
  const std::string field = small(name);
  value = trimmed(value);
  if (field == "host") {
    if (!manners.lenient && !head.hosts.empty()) head.refused = true;
    head.hosts.emplace_back(value);
  } else if (field == "content-length") {
    head.length = std::strtoull(std::string(value).c_str(), nullptr, 10);
  } else if (field == "transfer-encoding" && small(value).find("chunked") != std::string::npos) {
    head.chunked = true;
  }
}

bool read_fields(Lines& lines, const HttpManners& manners, Head& head) {
  std::string name, value;
  const auto finish = [&] {
    if (!name.empty()) take_field(name, value, manners, head);
    name.clear();
  };
  while (const auto line = lines.next()) {
    if (line->empty()) {
      finish();
      return true;
    }
    const bool indented = kBlanks.find(line->front()) != std::string_view::npos;
    if (indented && manners.lenient && !name.empty()) {
      value.append(" ").append(trimmed(*line));  // RFC 9112 §5.2
      if (line->find(':') == std::string_view::npos || small(name) == "host") continue;
    } else if (indented && !manners.lenient) {
      continue;  // nginx: an invalid header, passed over
    }
    const auto colon = line->find(':');
    if (colon == std::string_view::npos) continue;
    finish();
    name = line->substr(0, colon);
    value = line->substr(colon + 1);
  }
  return false;
}

bool pass_chunks(Lines& lines) {
  while (const auto line = lines.next()) {
    const std::size_t size = std::strtoull(std::string(*line).c_str(), nullptr, 16);
    if (size == 0) break;
    if (!lines.pass(size) || !lines.next()) return false;
  }
  while (const auto line = lines.next()) {
    if (line->empty()) return true;
  }
  return false;
}

// The authority of an absolute-form target goes to the hosts, the path stays.
void split_absolute_form(Head& head) {
  const auto scheme = head.target.find("://");
  if (scheme == std::string::npos || head.target.find('/') < scheme) return;
  const std::string rest = head.target.substr(scheme + 3);
  const auto path = std::min(rest.find_first_of("/?#\\"), rest.size());
  head.hosts.push_back(rest.substr(0, path));
  head.target = rest.substr(path);
  if (head.target.empty() || head.target[0] != '/') head.target.insert(0, "/");
}

void add_requests(Head& head, HttpReading& out) {
  split_absolute_form(head);
  if (small(head.method) == "connect") head.hosts.push_back(head.target);
  for (const std::string& host : head.hosts) {
    out.requests.push_back({host, head.target});
    for (std::size_t at = 0; at < host.size();) {  // a list, or words: each may be taken for the name
      const auto end = std::min(host.find_first_of(", \t\r", at), host.size());
      if (end > at && end - at < host.size()) out.requests.push_back({host.substr(at, end - at), head.target});
      at = end + 1;
    }
  }
}

}  // namespace

HttpReading read_http(std::string_view text, const HttpManners& manners) {
  HttpReading out;
  Lines lines(text, manners);
  for (;;) {
    lines.pass_blank_lines();
    const auto start = lines.next();
    if (!start) return out;
    Head head;
    if (!read_start_line(*start, manners, head)) return out;
    if ((!head.versioned && !manners.lenient) || !read_fields(lines, manners, head)) return out;
    if (head.refused || (!manners.lenient && head.chunked && head.length)) return out;
    add_requests(head, out);
    if (small(head.method) == "connect") {
      out.tunnel = lines.rest();
      return out;
    }
    if (head.chunked && !(manners.length_wins && head.length)) {
      if (!pass_chunks(lines)) return out;
    } else if (head.length && !lines.pass(*head.length)) {
      return out;
    }
  }
}

}  // namespace parapet::cases
