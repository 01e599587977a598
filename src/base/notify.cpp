// SPDX-License-Identifier: Apache-2.0
// sd_notify messages.
#include "base/notify.h"

#include <systemd/sd-daemon.h>
#include <string>

#include "base/clock.h"

namespace parapet {

void notify_ready(std::string_view status_line) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + std::string(status_line)).c_str());
}
void notify_status(std::string_view status_line) { ::sd_notify(0, ("STATUS=" + std::string(status_line)).c_str()); }
void notify_reloading() {
  const auto now_us = read_clock(CLOCK_MONOTONIC) / 1000;
  ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us)).c_str());
}
void notify_stopping() { ::sd_notify(0, "STOPPING=1"); }
void notify_watchdog() {
  // Asked once: a service manager that wants no sign of life may never read its socket, and a full one blocks.
  static const bool wanted = ::sd_watchdog_enabled(0, nullptr) > 0;
  if (wanted) ::sd_notify(0, "WATCHDOG=1");
}

}  // namespace parapet
