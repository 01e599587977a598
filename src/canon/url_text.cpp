// SPDX-License-Identifier: Apache-2.0
// Splitting a list's URL.
#include "canon/url_text.h"

#include <algorithm>

#include "canon/hex_digit.h"

namespace parapet::canon {
namespace {

bool is_slash(char c) noexcept { return c == '/' || c == '\\'; }

bool starts_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::ranges::equal(text.substr(0, lower.size()), lower, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

}  // namespace

std::string strip_url(std::string_view text) {
  const auto is_outer = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && is_outer(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_outer(text.back())) text.remove_suffix(1);
  std::string stripped(text);
  std::erase_if(stripped, [](char c) { return c == '\t' || c == '\n' || c == '\r'; });
  return stripped;
}

Result<UrlParts> split_url(std::string_view text) {
  UrlParts parts;
  bool has_scheme = false;
  if (starts_ignoring_case(text, "http:")) {
    text.remove_prefix(5);
    has_scheme = true;
  } else if (starts_ignoring_case(text, "https:")) {
    text.remove_prefix(6);
    parts.default_port = 443;
    has_scheme = true;
  } else if (const auto mark = text.find("://"); mark != std::string_view::npos && text.find_first_of("/?#") > mark) {
    return fail(ErrorCode::malformed, "scheme is neither http nor https");
  }
  // A name follows a scheme behind any number of slashes, and without a scheme behind two or more.
  const auto slashes = static_cast<std::size_t>(std::ranges::find_if_not(text, is_slash) - text.begin());
  const bool skips = has_scheme || slashes >= 2;
  if (skips) text.remove_prefix(slashes);
  const auto end = std::min(text.find_first_of("/\\?#"), text.size());
  parts.authority = text.substr(0, end);
  parts.target = text.substr(end);
  parts.is_bare = !skips && parts.target.empty();
  // "mailto:user@name", "file:" and the like are no name of a host.
  if (!skips && (parts.authority.contains('@') || parts.authority.ends_with(':'))) {
    return fail(ErrorCode::malformed, "a user or an empty port without http:// or https:// before it");
  }
  return parts;
}

std::string decode_percent(std::string_view text) {
  if (!text.contains('%')) return std::string(text);
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(static_cast<std::uint8_t>(text[at + 1])) : -1;
    const int low = high >= 0 ? hex_digit(static_cast<std::uint8_t>(text[at + 2])) : -1;
    decoded += low >= 0 ? static_cast<char>(high * 16 + low) : text[at];
    if (low >= 0) at += 2;
  }
  return decoded;
}

}  // namespace parapet::canon
