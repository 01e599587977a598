// SPDX-License-Identifier: Apache-2.0
// The canonical host.
#include "canon/host.h"

#include <algorithm>

#include "canon/address.h"

namespace parapet::canon {
namespace {

constexpr std::size_t kMaxLabel = 63;

// What each byte becomes in a host: itself, its lower case, or 0 where no host may hold it (WHATWG's forbidden domain
// code points). '.' is itself and separates labels.
constexpr std::array<char, 256> kHostByte = [] {
  std::array<char, 256> table{};
  for (int c = 0x21; c < 0x7f; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c - 'A' + 'a');
  for (const char c : {'#', '%', '/', ':', '<', '>', '?', '@', '[', '\\', ']', '^', '|'}) {
    table[static_cast<std::size_t>(c)] = 0;
  }
  return table;
}();

HostOutcome refuse(std::uint8_t byte) noexcept {
  return byte >= 0x80 ? HostOutcome::not_ascii : HostOutcome::forbidden_byte;
}

HostOutcome read_address(ByteView in, Host& out) noexcept {
  std::array<char, 256> lower;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::uint8_t c = in[i];
    lower[i] = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return canonicalise_address({lower.data(), in.size()}, out) == AddressOutcome::ok ? HostOutcome::ok
                                                                                    : HostOutcome::bad_address;
}

bool may_be_ipv4(const Host& host) noexcept {
  // Only a last label that begins with a digit can be the last part of an IPv4 literal.
  const auto dot = host.view().rfind('.');
  const char first = host.text[dot == std::string_view::npos ? 0 : dot + 1];
  return first >= '0' && first <= '9';
}

}  // namespace

std::string_view name_of(HostOutcome outcome) noexcept {
  switch (outcome) {
    case HostOutcome::ok: return "ok";
    case HostOutcome::empty: return "empty";
    case HostOutcome::too_long: return "too_long";
    case HostOutcome::empty_label: return "empty_label";
    case HostOutcome::forbidden_byte: return "forbidden_byte";
    case HostOutcome::not_ascii: return "not_ascii";
    case HostOutcome::bad_address: return "bad_address";
  }
  return "unknown";
}

HostOutcome canonicalise_host(ByteView in, Host& out) noexcept {
  out.length = 0;
  out.is_address = false;
  if (in.empty()) return HostOutcome::empty;
  if (in.back() == '.') in = in.first(in.size() - 1);
  if (in.empty()) return HostOutcome::empty;
  if (in.size() > kMaxHost) return HostOutcome::too_long;
  if (in.front() == '[') return read_address(in, out);
  std::size_t label = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const char c = kHostByte[in[i]];
    if (c == 0) return refuse(in[i]);
    if (c == '.') {
      if (label == 0) return HostOutcome::empty_label;
      label = 0;
    } else if (++label > kMaxLabel) {
      return HostOutcome::too_long;
    }
    out.text[i] = c;
  }
  if (label == 0) return HostOutcome::empty_label;
  out.length = static_cast<std::uint8_t>(in.size());
  if (may_be_ipv4(out)) {
    const Host lower = out;
    if (canonicalise_address(lower.view(), out) == AddressOutcome::bad) return HostOutcome::bad_address;
  }
  return HostOutcome::ok;
}

HostOutcome canonicalise_labels(ByteView labels, Host& out) noexcept {
  out.length = 0;
  out.is_address = false;
  if (labels.empty()) return HostOutcome::empty;
  std::size_t at = 0;
  std::size_t written = 0;
  while (at < labels.size()) {
    const std::size_t length = labels[at];
    if (length == 0) return HostOutcome::empty_label;
    if (length > kMaxLabel || at + 1 + length > labels.size() || written + length + 1 > kMaxHost + 1) {
      return HostOutcome::too_long;
    }
    if (at != 0) out.text[written++] = '.';
    for (std::size_t i = 1; i <= length; ++i) {
      const std::uint8_t byte = labels[at + i];
      const char c = kHostByte[byte];
      if (c == 0) return refuse(byte);
      if (c == '.') return HostOutcome::forbidden_byte;
      out.text[written++] = c;
    }
    at += 1 + length;
  }
  if (written > kMaxHost) return HostOutcome::too_long;
  out.length = static_cast<std::uint8_t>(written);
  return HostOutcome::ok;
}

ByteView usable_tail(ByteView in) noexcept {
  std::size_t end = in.size();
  if (end > 0 && in[end - 1] == '.') --end;
  std::size_t tail = end, label_end = end;
  std::size_t at = end;
  while (at > 0 && end - at < kMaxHost) {
    const char c = kHostByte[in[at - 1]];
    if (c == 0 || (c == '.' ? at == label_end : label_end - at == kMaxLabel)) break;
    if (c == '.') {
      tail = at;
      label_end = at - 1;
    }
    --at;
  }
  if (at == 0) tail = 0;
  return in.subspan(tail, end - tail);
}

ByteView usable_labels(ByteView labels) noexcept {
  std::size_t tail = 0;
  for (std::size_t at = 0; at < labels.size();) {
    const std::size_t next = at + 1 + labels[at];
    if (labels[at] == 0 || labels[at] > kMaxLabel || next > labels.size()) return {};
    const ByteView label = labels.subspan(at + 1, labels[at]);
    const bool usable = std::ranges::all_of(label, [](std::uint8_t c) { return c != '.' && kHostByte[c] != 0; });
    if (!usable) tail = next;
    at = next;
  }
  return labels.subspan(tail);
}

Authority split_authority(ByteView authority, std::uint16_t default_port) noexcept {
  std::string_view text = text_of(authority);
  if (const auto at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  std::size_t host_end = text.size();
  if (!text.empty() && text.front() == '[') {
    const auto bracket = text.find(']');
    host_end = bracket == std::string_view::npos ? text.size() : bracket + 1;
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host_end = colon;
  }
  const std::string_view host = text.substr(0, host_end);
  std::string_view port = text.substr(host_end);
  Authority result{bytes_of(host), default_port, true};
  if (port.empty() || port == ":") return result;
  if (port.front() != ':') return {bytes_of(host), default_port, false};
  port.remove_prefix(1);
  std::uint32_t number = 0;
  for (const char c : port) {
    if (c < '0' || c > '9' || number > 65535) return {bytes_of(host), default_port, false};
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (number == 0 || number > 65535) return {bytes_of(host), default_port, false};
  result.port = static_cast<std::uint16_t>(number);
  return result;
}

}  // namespace parapet::canon
