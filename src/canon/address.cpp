// SPDX-License-Identifier: Apache-2.0
// IP literals.
#include "canon/address.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace parapet::canon {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

int digit_of(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return 99;
}

// One part of an IPv4 literal: decimal, 0octal or 0xhex. Returns false when it is no number at all.
bool read_number(std::string_view part, std::uint64_t& value) noexcept {
  int base = 10;
  if (part.size() >= 2 && part[0] == '0' && part[1] == 'x') {
    base = 16;
    part.remove_prefix(2);
  } else if (part.size() >= 2 && part[0] == '0') {
    base = 8;
    part.remove_prefix(1);
  }
  value = 0;
  for (const char c : part) {
    const int digit = digit_of(c);
    if (digit >= base) return false;
    if (value <= UINT32_MAX) value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
  }
  return true;
}

// WHATWG's "ends in a number": only then can a host be an IPv4 literal.
bool ends_in_number(std::string_view host) noexcept {
  const auto dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (last.empty()) return false;
  bool digits = true;
  for (const char c : last) digits = digits && is_digit(c);
  std::uint64_t value;
  return digits || (last.size() >= 2 && last[0] == '0' && last[1] == 'x' && read_number(last, value));
}

void write_ipv4(std::uint32_t address, Host& out) noexcept {
  const int n = std::snprintf(out.text.data(), out.text.size(), "%u.%u.%u.%u", address >> 24, (address >> 16) & 255,
                              (address >> 8) & 255, address & 255);
  out.length = static_cast<std::uint8_t>(n);
  out.is_address = true;
}

AddressOutcome read_ipv4(std::string_view in, Host& out) noexcept {
  std::uint64_t parts[4] = {};
  std::size_t count = 0;
  std::size_t begin = 0;
  while (begin <= in.size()) {
    std::size_t end = in.find('.', begin);
    if (end == std::string_view::npos) end = in.size();
    if (count == 4 || end == begin || !read_number(in.substr(begin, end - begin), parts[count])) {
      return AddressOutcome::bad;
    }
    ++count;
    begin = end + 1;
  }
  const std::uint64_t last_limit = std::uint64_t{1} << (8 * (5 - count));
  if (parts[count - 1] >= last_limit) return AddressOutcome::bad;
  std::uint64_t address = parts[count - 1];
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (parts[i] > 255) return AddressOutcome::bad;
    address |= parts[i] << (8 * (3 - i));
  }
  write_ipv4(static_cast<std::uint32_t>(address), out);
  return AddressOutcome::ok;
}

// Eight hexadecimal pieces, the first of the longest runs of zeros as "::"; never a dotted end.  WHATWG URL §3.5
void write_ipv6(const std::uint8_t* bytes, Host& out) noexcept {
  std::array<unsigned, 8> pieces;
  for (std::size_t i = 0; i < 8; ++i) pieces[i] = load_be16(bytes + 2 * i);
  std::size_t zeros_at = 8, zeros = 1;  // a single zero is written
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && pieces[end] == 0) ++end;
    if (end - i > zeros) {
      zeros_at = i;
      zeros = end - i;
    }
  }
  std::size_t length = 0;
  out.text[length++] = '[';
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == zeros_at) {
      out.text[length++] = ':';
      if (i == 0) out.text[length++] = ':';
      i += zeros - 1;
      continue;
    }
    char* const begin = out.text.data() + length;
    length = static_cast<std::size_t>(std::to_chars(begin, begin + 4, pieces[i], 16).ptr - out.text.data());
    if (i < 7) out.text[length++] = ':';
  }
  out.text[length++] = ']';
  out.length = static_cast<std::uint8_t>(length);
}

AddressOutcome read_ipv6(std::string_view inside, Host& out) noexcept {
  char text[INET6_ADDRSTRLEN] = {};
  if (inside.size() >= sizeof text) return AddressOutcome::bad;
  std::memcpy(text, inside.data(), inside.size());
  in6_addr address{};
  if (::inet_pton(AF_INET6, text, &address) != 1) return AddressOutcome::bad;
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(address.s6_addr, kMapped, sizeof kMapped) == 0) {
    write_ipv4(load_be32(address.s6_addr + 12), out);
    return AddressOutcome::ok;
  }
  write_ipv6(address.s6_addr, out);
  out.is_address = true;
  return AddressOutcome::ok;
}

}  // namespace

AddressOutcome canonicalise_address(std::string_view in, Host& out) noexcept {
  if (in.size() >= 2 && in.front() == '[') {
    return in.back() == ']' ? read_ipv6(in.substr(1, in.size() - 2), out) : AddressOutcome::bad;
  }
  return ends_in_number(in) ? read_ipv4(in, out) : AddressOutcome::not_an_address;
}

}  // namespace parapet::canon
