// SPDX-License-Identifier: Apache-2.0
// Reading templates.
#include "template.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>
#include <vector>

#include "message_builder.h"
#include "position.h"
#include "quic_pieces.h"
#include "tls_pieces.h"

namespace parapet::cases {
namespace {

void join(MarkedBytes& to, const MarkedBytes& part) {
  const std::size_t at = to.bytes.size();
  if (part.name && !to.name) to.name = {part.name->begin + at, part.name->end + at};
  if (part.complete && !to.complete) to.complete = *part.complete + at;
  support::append(to.bytes, ByteView{part.bytes});
}
// The part with these bytes in front of it.
MarkedBytes behind(const Bytes& head, const MarkedBytes& part) {
  MarkedBytes out{head};
  join(out, part);
  return out;
}
// Other bytes for the same thing; a name in it is now all of them.
MarkedBytes in_place_of(const MarkedBytes& part, Bytes bytes) {
  MarkedBytes out{std::move(bytes)};
  if (part.name) out.name = {0, out.bytes.size()};
  return out;
}
Bytes number(std::size_t value, std::size_t width) {
  Bytes out;
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return out;
}
MarkedBytes sized(std::size_t width, const MarkedBytes& part) { return behind(number(part.bytes.size(), width), part); }

MarkedBytes with_letters(const MarkedBytes& part, bool every_letter) {
  MarkedBytes out = part;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    if (every_letter || i % 2 == 0) out.bytes[i] = static_cast<std::uint8_t>(std::toupper(out.bytes[i]));
  }
  return out;
}
// The percent signs alone.
MarkedBytes with_percent_encoded(const MarkedBytes& part) {
  Bytes out;
  for (const std::uint8_t byte : part.bytes) {
    out.push_back(byte);
    if (byte == '%') out.insert(out.end(), {'2', '5'});
  }
  return in_place_of(part, out);
}
// For every slash but the first.
MarkedBytes with_backslashes(const MarkedBytes& part) {
  MarkedBytes out = part;
  std::replace(out.bytes.begin() + 1, out.bytes.end(), std::uint8_t{'/'}, std::uint8_t{'\\'});
  return out;
}
MarkedBytes percent_encoded(const MarkedBytes& part) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const std::uint8_t byte : part.bytes) {
    if (byte == '/') {
      out += '/';
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return in_place_of(part, support::to_bytes(out));
}

class Reader {
 public:
  Reader(std::string_view text, const Words& words) : text_(text), words_(words) {}

  MarkedBytes read_all() {
    MarkedBytes out = read(false);
    out.datagrams = std::move(datagrams_);
    out.stream_length = stream_.bytes.size();
    if (!out.datagrams.empty()) {  // no name can be read in them: markers lead somewhere into the first
      const std::size_t middle = out.datagrams[0].bytes.size() / 2;
      out.name = {middle, middle + 16};
    }
    return out;
  }

 private:
  // Up to the brace that closes this level, or the end.
  MarkedBytes read(bool inside) {
    MarkedBytes out;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '}' && inside) return out;
      if (c == '\n') {
        pass_line_end();
      } else if (c == '#' && begins_line()) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '\\') {
        out.bytes.push_back(read_escape());
      } else if (c == '{') {
        ++at_;
        join(out, read_directive());
      } else {
        out.bytes.push_back(static_cast<std::uint8_t>(c));
        ++at_;
      }
    }
    if (inside) fail("a brace is not closed");
    return out;
  }

  [[noreturn]] void fail(const std::string& what) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw std::invalid_argument("line " + std::to_string(line) + ": " + what);
  }
  bool begins_line() const { return at_ == 0 || text_[at_ - 1] == '\n'; }
  void pass_line_end() {
    ++at_;
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  std::uint8_t read_escape() {
    static const std::map<char, char> kPlain{{'r', '\r'},  {'n', '\n'}, {'t', '\t'}, {'s', ' '},
                                             {'\\', '\\'}, {'{', '{'},  {'}', '}'}};
    if (at_ + 1 >= text_.size()) fail("nothing behind a backslash");
    const char c = text_[at_ + 1];
    at_ += 2;
    if (const auto plain = kPlain.find(c); plain != kPlain.end()) return static_cast<std::uint8_t>(plain->second);
    if (c != 'x' || at_ + 2 > text_.size()) fail("no such escape");
    at_ += 2;
    return static_cast<std::uint8_t>(std::stoul(std::string(text_.substr(at_ - 2, 2)), nullptr, 16));
  }

  // Behind the opening brace; ends behind the closing one.
  MarkedBytes read_directive() {
    const auto end = text_.find_first_of(":}", at_);
    if (end == std::string_view::npos) fail("a brace is not closed");
    std::vector<std::string> head;
    for (std::size_t at = at_; at < end;) {
      const std::size_t blank = std::min(text_.find(' ', at), end);
      if (blank > at) head.emplace_back(text_.substr(at, blank - at));
      at = blank + 1;
    }
    if (head.empty()) fail("a directive without a name");
    at_ = end;
    MarkedBytes inside;
    if (text_[at_] == ':') {
      ++at_;
      inside = read(true);
    }
    ++at_;
    return apply(head, inside);
  }

  std::size_t argument(const std::vector<std::string>& head, std::size_t index, int base = 10) const {
    if (head.size() <= index) fail("{" + head[0] + "} wants another number");
    return std::stoul(head[index], nullptr, base);
  }

  std::size_t version_in(const std::vector<std::string>& head, std::size_t index, std::size_t fallback) const {
    return head.size() > index ? argument(head, index, 16) : fallback;
  }

  MarkedBytes apply(const std::vector<std::string>& head, const MarkedBytes& inside) {
    const std::string& name = head[0];
    if (name == "host") return asked(words_.host, !words_.asks_path);
    if (name == "path") return asked(words_.path, words_.asks_path);
    if (name == "complete") return {{}, {}, std::size_t{0}};
    if (name == "u8") return sized(1, inside);
    if (name == "be16") return sized(2, inside);
    if (name == "be24") return sized(3, inside);
    if (name == "upper") return with_letters(inside, true);
    if (name == "mixed") return with_letters(inside, false);
    if (name == "percent") return percent_encoded(inside);
    if (name == "percent_again") return with_percent_encoded(inside);
    if (name == "backslashes") return with_backslashes(inside);
    if (name == "labels") return in_place_of(inside, support::dns_name(support::to_text(inside.bytes)));
    if (name == "times") {
      MarkedBytes out;
      for (std::size_t i = argument(head, 1); i > 0; --i) join(out, inside);
      return out;
    }
    if (name == "hello") return behind(hello_head(inside.bytes.size(), version_in(head, 1, 0x0303)), inside);
    if (name == "extension") return behind(number(argument(head, 1), 2), sized(2, inside));
    if (name == "server_name") return behind({0, 0}, sized(2, sized(2, inside)));
    if (name == "name_entry") return behind(number(argument(head, 1), 1), sized(2, inside));
    if (name == "host_name") return behind({0}, sized(2, inside));
    if (name == "record")
      return behind(record_head(argument(head, 1), inside.bytes.size(), version_in(head, 2, 0x0301)), inside);
    if (name == "records") return cut_into_records(inside, head);
    if (name == "h2") {
      Bytes frame = number(inside.bytes.size(), 3);
      support::append(frame, ByteView{number(argument(head, 1, 16), 1)});
      support::append(frame, ByteView{number(argument(head, 2, 16), 1)});
      support::append(frame, ByteView{number(argument(head, 3, 16), 4)});
      return behind(frame, inside);
    }
    return apply_quic(head, inside);
  }
  MarkedBytes apply_quic(const std::vector<std::string>& head, const MarkedBytes& inside) {
    const std::string& name = head[0];
    if (name == "stream") {
      stream_ = inside;
      return {};
    }
    if (name == "datagram" || name == "decoy") {
      datagrams_.push_back({inside.bytes, name == "decoy"});
      return {inside.bytes};
    }
    if (name == "initial") return {seal_initial(head, inside.bytes)};
    if (name == "crypto") return {crypto_frame(head, stream_)};
    if (name == "zero_rtt" || name == "handshake_packet") return {opaque_packet(head)};
    fail("no directive {" + name + "}");
  }
  static MarkedBytes asked(const std::string& text, bool marked) {
    MarkedBytes out{support::to_bytes(text)};
    if (marked) out.name = MarkedBytes::Range{0, text.size()};
    return out;
  }

  std::string_view text_;
  const Words& words_;
  std::size_t at_ = 0;
  MarkedBytes stream_;  // what {crypto} cuts from
  std::vector<MarkedBytes::Datagram> datagrams_;
};

}  // namespace

MarkedBytes fill_template(std::string_view text, const Words& words) { return Reader(text, words).read_all(); }

std::vector<MarkedBytes::Datagram> datagrams_of(const MarkedBytes& message) {
  if (!message.datagrams.empty()) return message.datagrams;
  return {{message.bytes, false}};
}

}  // namespace parapet::cases
