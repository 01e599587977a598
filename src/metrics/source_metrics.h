// SPDX-License-Identifier: Apache-2.0
// What parapetd knows about its sources and publications as metrics.
#pragma once

#include "lists/update/updater.h"
#include "metrics/families.h"

namespace parapet::metrics {

void add_source_metrics(Scrape& scrape, const lists::UpdateStatus& status);

}  // namespace parapet::metrics
