// SPDX-License-Identifier: Apache-2.0
// The download, by libcurl; the only file that includes it.
#include "lists/fetch/fetch.h"

#include <curl/curl.h>
#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "base/frame_fields.h"
#include "base/secret.h"
#include "lists/fetch/dropped_file.h"
#include "lists/fetch/zone_transfer.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxHeaders = 64 << 10;

struct Reception {
  RawFeed feed;
  std::uint64_t max_size_bytes;
  std::size_t header_bytes = 0;
  bool too_large = false;
  bool encoded = false;
  bool chunked = false;
};

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// libcurl takes a short count for "give up".
std::size_t receive_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& reception = *static_cast<Reception*>(context);
  auto& bytes = reception.feed.bytes;
  if (size > reception.max_size_bytes - bytes.size()) {
    reception.too_large = true;
    return 0;
  }
  bytes.insert(bytes.end(), data, data + size);
  return size;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& reception = *static_cast<Reception*>(context);
  reception.header_bytes += size;
  if (reception.header_bytes > kMaxHeaders) return 0;
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {  // a new response head, e.g. after 100 Continue
    reception.feed.head.etag.clear();
    reception.feed.head.last_modified.clear();
    reception.encoded = false;
    reception.chunked = false;
    return size;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  const auto name = trim(line.substr(0, colon));
  const auto value = trim(line.substr(colon + 1));
  if (equal_ignoring_case(name, "etag") && value.size() <= kMaxEtag && is_visible(value))
    reception.feed.head.etag = value;
  if (equal_ignoring_case(name, "last-modified") && value.size() <= kMaxLastModified && is_visible(value)) {
    reception.feed.head.last_modified = value;
  }
  if (equal_ignoring_case(name, "transfer-encoding") && equal_ignoring_case(value, "chunked")) reception.chunked = true;
  if (equal_ignoring_case(name, "content-encoding") && !equal_ignoring_case(value, "identity"))
    reception.encoded = true;
  return size;
}

struct EasyCleanup {
  void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
};
struct HeaderListFree {
  void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;
using HeaderList = std::unique_ptr<curl_slist, HeaderListFree>;

Status append(HeaderList& headers, const std::string& line) {
  curl_slist* longer = ::curl_slist_append(headers.get(), line.c_str());
  if (longer == nullptr) return fail(ErrorCode::limit, "out of memory");
  static_cast<void>(headers.release());
  headers.reset(longer);
  return {};
}

Status set_authorization(CURL* easy, const FetchRequest& request) {
  if (request.authorization == Authorization::none) return {};
  auto secret = read_credentials(request.credentials_file, request.authorization);
  if (!secret) return std::unexpected(secret.error());
  if (request.authorization == Authorization::basic) {
    ::curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    ::curl_easy_setopt(easy, CURLOPT_USERPWD, secret->c_str());
  } else {
    ::curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    ::curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, secret->c_str());
  }
  wipe(secret->data(), secret->size());
  return {};
}

Status set_client_certificate(CURL* easy, const FetchRequest& request) {
  if (request.client_certificate.empty()) return {};
  if (auto status = check_secret_file(request.client_key, "client_key"); !status) return status;
  ::curl_easy_setopt(easy, CURLOPT_SSLCERT, request.client_certificate.c_str());
  ::curl_easy_setopt(easy, CURLOPT_SSLKEY, request.client_key.c_str());
  return {};
}

void set_transport(CURL* easy, const FetchRequest& request) {
  ::curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  ::curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(easy, CURLOPT_PROXY, request.proxy.c_str());
  ::curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  ::curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  ::curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  ::curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  ::curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  ::curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!request.ca_file.empty()) {
    ::curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    ::curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.deadline_ms));
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.deadline_ms));
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  ::curl_easy_setopt(easy, CURLOPT_USERAGENT, "parapetd/" PARAPET_VERSION);
}

Error describe_failure(CURLcode code, const Reception& reception, const FetchRequest& request) {
  if (reception.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return {ErrorCode::limit, "the list has more than max_size_bytes = " + std::to_string(request.max_size_bytes)};
  }
  if (reception.header_bytes > kMaxHeaders) return {ErrorCode::limit, "the response head has more than 65536 bytes"};
  // libcurl's fixed text for the code: it repeats nothing that the source sent.
  const std::string text = ::curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::timeout, "not complete within deadline_ms = " + std::to_string(request.deadline_ms)};
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return {ErrorCode::integrity, "the download was cut short: " + text};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CIPHER: return {ErrorCode::integrity, "TLS: " + text};
    case CURLE_SSL_CERTPROBLEM:
      return {ErrorCode::invalid_argument, "client_certificate " + request.client_certificate + ": " + text};
    case CURLE_SSL_CACERT_BADFILE: return {ErrorCode::invalid_argument, "ca_file " + request.ca_file + ": " + text};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return {ErrorCode::invalid_argument, "url: " + text};
    default: return {ErrorCode::unavailable, text};
  }
}

Status check_status(CURL* easy, const Reception& reception, bool was_posted) {
  long status = 0;
  ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (was_posted && status >= 200 && status < 300) return {};
  if (status >= 300 && status < 400 && status != 304) {
    return fail(ErrorCode::refused,
                "the source answers with a redirect (HTTP " + std::to_string(status) + "); not followed");
  }
  if (was_posted || (status != 200 && status != 304)) {
    return fail(ErrorCode::refused, "the source answers HTTP " + std::to_string(status));
  }
  if (reception.encoded) return fail(ErrorCode::refused, "the source sends a compressed body, which was not asked for");
  return {};
}

// JSON in place of a question.
Status set_posted(CURL* easy, const FetchRequest& request, HeaderList& headers) {
  ::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.posted.size()));
  ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.posted.c_str());
  if (auto status = append(headers, "Content-Type: application/json"); !status) return status;
  return append(headers, "Expect:");
}

// One GET or POST, whole or not at all.
//   conditional  asks for changes alone, where the request says of what
Result<FetchOutcome> download(const FetchRequest& request, bool conditional) {
  static const CURLcode global = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  Easy easy(global == CURLE_OK ? ::curl_easy_init() : nullptr);
  if (!easy) return fail(ErrorCode::unavailable, "libcurl does not start");
  if (request.url.substr(0, 8) != "https://") return fail(ErrorCode::invalid_argument, "url: only https is fetched");

  Reception reception{.feed = {}, .max_size_bytes = request.max_size_bytes};
  HeaderList headers;
  conditional &= !request.etag.empty() || !request.last_modified.empty();
  if (conditional && !request.etag.empty()) {
    if (auto status = append(headers, "If-None-Match: " + request.etag); !status)
      return std::unexpected(status.error());
  }
  if (conditional && !request.last_modified.empty()) {
    if (auto status = append(headers, "If-Modified-Since: " + request.last_modified); !status) {
      return std::unexpected(status.error());
    }
  }
  set_transport(easy.get(), request);
  if (auto status = set_authorization(easy.get(), request); !status) return std::unexpected(status.error());
  if (auto status = set_client_certificate(easy.get(), request); !status) return std::unexpected(status.error());
  const bool is_posted = !request.posted.empty();
  if (is_posted) {
    if (auto status = set_posted(easy.get(), request, headers); !status) return std::unexpected(status.error());
  }
  ::curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  ::curl_easy_setopt(easy.get(), CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_size_bytes));
  ::curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, receive_body);
  ::curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &reception);
  ::curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, receive_header);
  ::curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &reception);

  const CURLcode code = ::curl_easy_perform(easy.get());
  if (code != CURLE_OK) return std::unexpected(describe_failure(code, reception, request));
  if (auto status = check_status(easy.get(), reception, is_posted); !status) return std::unexpected(status.error());
  if (is_posted) return NotModified{};
  long http_status = 0;
  ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &http_status);
  if (http_status == 304) {
    if (!conditional) {
      return fail(ErrorCode::malformed, "the source says \"not modified\" although no version is held");
    }
    return NotModified{};
  }
  curl_off_t declared = -1;
  ::curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &declared);
  reception.feed.head.declared_size = declared;
  long version = 0;
  ::curl_easy_getinfo(easy.get(), CURLINFO_HTTP_VERSION, &version);
  reception.feed.head.end_is_marked = declared >= 0 || reception.chunked || version >= CURL_HTTP_VERSION_2_0;
  if (!reception.feed.head.last_modified.empty()) {
    const time_t modified = ::curl_getdate(reception.feed.head.last_modified.c_str(), nullptr);
    if (modified > 0)
      reception.feed.head.last_modified_realtime_ns = static_cast<std::uint64_t>(modified) * 1'000'000'000;
  }
  return std::move(reception.feed);
}

}  // namespace

Result<FetchOutcome> fetch_feed(const FetchRequest& request) {
  if (!request.path.empty()) return fetch_dropped(request);
  if (!request.primary.empty()) return fetch_zone(request);
  const Nanoseconds begun = read_clock(CLOCK_MONOTONIC);
  if (!request.posted.empty()) return download(request, false);
  auto outcome = download(request, true);
  if (!outcome || request.signature_url.empty()) return outcome;
  auto* feed = std::get_if<RawFeed>(&*outcome);
  if (feed == nullptr) return outcome;
  const auto used_ms = (read_clock(CLOCK_MONOTONIC) - begun) / 1'000'000;
  if (used_ms >= request.deadline_ms) return fail(ErrorCode::timeout, "no time is left for the signature");
  FetchRequest for_signature = request;
  for_signature.url = request.signature_url;
  for_signature.deadline_ms = request.deadline_ms - static_cast<std::uint32_t>(used_ms);
  for_signature.max_size_bytes = kMaxSignature;
  auto signature = download(for_signature, false);
  if (!signature) return std::unexpected(signature.error().within("the signature"));
  feed->head.signature = text_of(std::get<RawFeed>(*signature).bytes);
  return outcome;
}

}  // namespace parapet::lists
