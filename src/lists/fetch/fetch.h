// SPDX-License-Identifier: Apache-2.0
// One download of one source over HTTPS, whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace parapet::lists {

enum class Authorization : std::uint8_t { none, basic, bearer };

struct FetchRequest {
  std::string path;           // of a file on this box (dropped_file.h); then all about the network is left out
  std::string primary;        // "ADDRESS:PORT" of a name server (zone_transfer.h); then zone and tsig_key_file count
  std::string zone;           // the zone's name
  std::string tsig_key_file;  // empty: not signed
  std::string url;            // https
  std::string ca_file;        // empty: the system's
  Authorization authorization = Authorization::none;
  std::string credentials_file;        // basic "user:password", bearer the token; readable by its owner alone
  std::string client_certificate;      // PEM file shown to the source; empty: none
  std::string client_key;              // PEM file of its key; readable by its owner alone
  std::string proxy;                   // "http://HOST:PORT" (CONNECT) or "socks5h://HOST:PORT"; empty: none
  std::string etag;                    // of the version already held; empty: none
  std::string last_modified;           // likewise, as the source wrote it
  std::string signature_path;          // with path; empty: none is read
  std::string signature_url;           // https, of the same host and port as url; empty: none is fetched
  std::uint32_t deadline_ms = 30'000;  // from the first byte sent to the last received, signature and all
  std::uint64_t max_size_bytes = 64 << 20;
  std::string posted;  // JSON, sent to url by POST: then nothing is fetched; empty: GET
};

inline constexpr std::size_t kMaxEtag = 512;
inline constexpr std::size_t kMaxLastModified = 64;
inline constexpr std::size_t kMaxSignature = 4096;  // bytes of a signature file

// What a source said about what it sent.
struct FeedHead {
  std::string etag;                             // empty: none, or longer than kMaxEtag
  std::string last_modified;                    // empty: none
  std::uint64_t last_modified_realtime_ns = 0;  // 0: none, or no date
  std::int64_t declared_size = -1;              // Content-Length; -1: none
  bool end_is_marked = false;                   // by length, last chunk or HTTP/2 frame, not by closing alone
  std::string signature;                        // the signature file as it came; empty: none was asked for
};

// What the source sent, as it came. Unverified: lists/verify is the only way on.
struct RawFeed {
  std::vector<std::uint8_t> bytes;
  FeedHead head;
};

struct NotModified {};

using FetchOutcome = std::variant<NotModified, RawFeed>;

// What was posted is there when NotModified comes back; the answer to it is thrown away.
// Only TLS 1.2 or later with a certificate that the CA file vouches for; no redirect, no compression, no
// cookie, no proxy but the one named. Not thread-safe with itself before its first return (it sets libcurl up); the
// fetching child has one thread.
//   errors  refused (redirect, HTTP status other than 200 and 304, or to a POST other than 2xx, compressed body) ·
//   limit (over max_size_bytes) ·
//           timeout · integrity (TLS, certificate, cut short) · unavailable (no connection) · permission ·
//           invalid_argument
Result<FetchOutcome> fetch_feed(const FetchRequest& request);

// Whether only its owner can read this secret.
//   errors  not_found · permission (others can) · malformed (no regular file)
Status check_secret_file(const std::string& path, std::string_view what);

// Reads a secret of one line from a file that only its owner can read.
//   errors  not_found · permission · malformed (empty, several lines, control characters)
Result<std::string> read_credentials(const std::string& path, Authorization authorization);

}  // namespace parapet::lists
