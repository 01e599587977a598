// SPDX-License-Identifier: Apache-2.0
// Plain forms, the naive way.
#include "request.h"

#include <algorithm>
#include <cctype>

namespace parapet::cases {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
}

std::string without_dots(std::string_view path) {
  std::vector<std::string> segments;
  std::string segment;
  const bool slash_at_end = !path.empty() && (path.back() == '/' || path.back() == '\\');
  for (const char c : std::string(path) + '/') {
    if (c != '/' && c != '\\') {
      segment += c;
      continue;
    }
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    segment.clear();
  }
  std::string out;
  for (const std::string& each : segments) out += "/" + each;
  return out.empty() || slash_at_end ? out + "/" : out;
}

}  // namespace

std::string plain_host(std::string_view host) {
  std::string out;
  for (const char c : host) {
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (const auto user = out.rfind('@'); user != std::string::npos) out.erase(0, user + 1);
  if (const auto port = out.rfind(':'); port != std::string::npos && out.find(']', port) == std::string::npos) {
    out.resize(port);
  }
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

std::vector<std::string> plain_paths(std::string_view target) {
  const std::string_view path = target.substr(0, target.find_first_of("?#"));
  const std::string once = decoded(path);
  return {without_dots(once), without_dots(decoded(once)), std::string(path)};
}

}  // namespace parapet::cases
