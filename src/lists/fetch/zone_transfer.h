// SPDX-License-Identifier: Apache-2.0
// A list that is a zone of DNS: asked for its serial, then transferred whole.
#pragma once

#include "base/result.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {

// Asks request.primary for the SOA of request.zone and, where its serial is newer than that of request.etag, for the
// zone (AXFR). The feed is the zone as text: one record a line with absolute names, the SOA first and once. Its ETag is
// "soa:SERIAL:ZONE". The child holds no old zone, so differences (IXFR) are never asked for.
//   errors  integrity (not signed, another key, a signature that does not fit, cut short) · refused (the primary's
//           answer; a serial gone back) · malformed · limit (over max_size_bytes) · timeout · unavailable ·
//           invalid_argument · permission, not_found, io (tsig_key_file)
// RFC 1035 §4.3.5, RFC 1982, RFC 5936, RFC 8945
Result<FetchOutcome> fetch_zone(const FetchRequest& request);

}  // namespace parapet::lists
