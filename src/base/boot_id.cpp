// SPDX-License-Identifier: Apache-2.0
// Reading the boot id.
#include "base/boot_id.h"

#include <fcntl.h>
#include <unistd.h>
#include <cstddef>

#include "base/file.h"

namespace parapet {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

// 36 characters of UUID text into 16 bytes.
BootId read_boot_id() noexcept {
  BootId id{};
  const Fd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char text[36] = {};
  if (!fd.valid() || ::read(fd.get(), text, sizeof text) != sizeof text) return id;
  std::size_t digits = 0;
  for (const char c : text) {
    const int value = hex_value(c);
    if (value < 0 || digits >= 32) continue;
    id[digits / 2] = static_cast<std::uint8_t>((id[digits / 2] << 4) | value);
    ++digits;
  }
  return id;
}

}  // namespace parapet
