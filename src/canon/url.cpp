// SPDX-License-Identifier: Apache-2.0
// The canonical path and query.
#include "canon/url.h"

#include "canon/hex_digit.h"

namespace parapet::canon {
namespace {

constexpr std::array<bool, 256> kNeedsEncoding = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) table[c] = c <= 0x20 || c >= 0x7f;
  for (const char c : {'"', '<', '>', '`', '{', '}', '|', '^'}) table[static_cast<std::size_t>(c)] = true;
  return table;
}();

// What is decoded: all printable characters but those that need encoding anyway and those that mean something.
consteval std::array<bool, 256> decodable_without(std::string_view meaningful) {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) table[c] = !kNeedsEncoding[c];
  for (const char c : meaningful) table[static_cast<std::size_t>(c)] = false;
  return table;
}
constexpr std::array<bool, 256> kDecodedInPath = decodable_without("/\\?#%");
constexpr std::array<bool, 256> kDecodedInQuery = decodable_without("&=+;#%");

// Appends one source character in its canonical spelling. `at` moves over what was read. False: no room.
class Writer {
 public:
  explicit Writer(Target& out) noexcept : out_(out) {}

  std::size_t length() const noexcept { return length_; }
  void cut_to(std::size_t length) noexcept { length_ = length; }
  char at(std::size_t i) const noexcept { return out_.text[i]; }
  void set(std::size_t i, char c) noexcept { out_.text[i] = c; }

  bool put(char c) noexcept {
    if (length_ >= kMaxTarget) return false;
    out_.text[length_++] = c;
    return true;
  }

  bool put_encoded(int byte) noexcept {
    if (length_ + 3 > kMaxTarget) return false;
    out_.text[length_++] = '%';
    out_.text[length_++] = kHex[static_cast<std::size_t>(byte >> 4)];
    out_.text[length_++] = kHex[static_cast<std::size_t>(byte & 15)];
    return true;
  }

  bool put_from(ByteView in, std::size_t& at, const std::array<bool, 256>& decoded) noexcept {
    const std::uint8_t c = in[at];
    if (c == '%') {
      const int high = at + 2 < in.size() ? hex_digit(in[at + 1]) : -1;
      const int low = at + 2 < in.size() ? hex_digit(in[at + 2]) : -1;
      if (high < 0 || low < 0) {
        ++at;
        return put_encoded('%');
      }
      at += 3;
      const int byte = high * 16 + low;
      return decoded[static_cast<std::size_t>(byte)] ? put(static_cast<char>(byte)) : put_encoded(byte);
    }
    ++at;
    return kNeedsEncoding[c] ? put_encoded(c) : put(static_cast<char>(c));
  }

 private:
  Target& out_;
  std::size_t length_ = 0;
};

bool is_slash(std::uint8_t c) noexcept { return c == '/' || c == '\\'; }

// Length of the slash at `at`, in either spelling; 0: none stands there.
std::size_t slash_at(ByteView in, std::size_t at, Slashes slashes) noexcept {
  if (is_slash(in[at])) return 1;
  if (slashes == Slashes::strict || in[at] != '%' || at + 2 >= in.size()) return 0;
  const int high = hex_digit(in[at + 1]), low = hex_digit(in[at + 2]);
  return high >= 0 && low >= 0 && is_slash(static_cast<std::uint8_t>(high * 16 + low)) ? 3 : 0;
}

// Closes the segment that begins at `begin` (just behind its slash): "." and ".." go; returns where the next begins.
// A dot segment, and to the lenient an empty one, leaves the position behind the slash before it.
std::size_t close_segment(Writer& writer, std::size_t begin, bool followed, Slashes slashes) noexcept {
  const std::size_t length = writer.length() - begin;
  if (length == 0 && slashes == Slashes::lenient) return begin;
  if (length == 1 && writer.at(begin) == '.') {
    writer.cut_to(begin);
    return begin;
  }
  if (length == 2 && writer.at(begin) == '.' && writer.at(begin + 1) == '.') {
    std::size_t parent = begin - 1;                               // the slash before ".."
    while (parent > 0 && writer.at(parent - 1) != '/') --parent;  // behind the slash before its parent
    writer.cut_to(parent == 0 ? 1 : parent);
    return writer.length();
  }
  if (!followed) return begin;
  return writer.put('/') ? writer.length() : SIZE_MAX;
}

// Makes one of each run of slashes in the path so far.
void merge_slashes(Writer& writer) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < writer.length(); ++i) {
    if (kept == 0 || writer.at(i) != '/' || writer.at(kept - 1) != '/') writer.set(kept++, writer.at(i));
  }
  writer.cut_to(kept);
}

}  // namespace

void canonicalise_target(ByteView in, bool in_cut, Target& out, Slashes slashes) noexcept {
  out.path_length = out.query_length = 0;
  out.has_query = false;
  out.cut = in_cut;
  out.soft_end = false;
  out.slashes_ran = false;
  Writer writer(out);
  writer.put('/');
  std::size_t segment = 1;
  std::size_t at = 0;
  if (!in.empty() && is_slash(in[0])) at = 1;
  bool fits = true;
  bool encoded_slash_last = false;
  while (at < in.size() && in[at] != '?' && in[at] != '#') {
    const std::size_t slash_length = slash_at(in, at, slashes);
    if (slash_length > 0) {
      out.slashes_ran |= writer.length() == segment;
      segment = close_segment(writer, segment, true, slashes);
      fits = segment != SIZE_MAX;
      at += slash_length;
    } else {
      fits = writer.put_from(in, at, kDecodedInPath);
    }
    encoded_slash_last = slash_length > 1;
    if (!fits) break;
  }
  if (!fits || (in_cut && at >= in.size())) {
    merge_slashes(writer);
    // The last segment is not whole: what stands before it can still be compared with prefixes.
    std::size_t end = writer.length();
    while (end > 1 && writer.at(end - 1) != '/') --end;
    writer.cut_to(end);
    out.path_length = static_cast<std::uint16_t>(end);
    out.cut = true;
    return;
  }
  const bool open_segment = writer.length() > segment;
  static_cast<void>(close_segment(writer, segment, false, slashes));
  if (out.slashes_ran) merge_slashes(writer);
  const bool ends_in_slash = writer.length() > 1 && writer.at(writer.length() - 1) == '/';
  out.soft_end = ends_in_slash && (open_segment || encoded_slash_last);
  out.path_length = static_cast<std::uint16_t>(writer.length());
  if (at >= in.size() || in[at] != '?') return;
  ++at;
  while (at < in.size() && in[at] != '#') {
    if (!writer.put_from(in, at, kDecodedInQuery)) {
      out.cut = true;
      return;
    }
  }
  if (in_cut) return;
  out.query_length = static_cast<std::uint16_t>(writer.length() - out.path_length);
  out.has_query = out.query_length != 0;
}

}  // namespace parapet::canon
