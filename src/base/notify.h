// SPDX-License-Identifier: Apache-2.0
// Telling the service manager how we are (sd_notify(3)); silent where there is none.
#pragma once

#include <string_view>

namespace parapet {

void notify_ready(std::string_view status_line);
void notify_status(std::string_view status_line);
void notify_reloading();
void notify_stopping();
void notify_watchdog();  // only where the service manager wants one

}  // namespace parapet
