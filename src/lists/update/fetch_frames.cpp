// SPDX-License-Identifier: Apache-2.0
// Writing and reading the frames of the fetching child.
#include "lists/update/fetch_frames.h"

#include <limits>

#include "base/frame_fields.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kRequestMagic = "PFQ1";
constexpr std::string_view kReplyMagic = "PFR1";
enum class ReplyType : std::uint8_t { not_modified = 1, fetched = 2, error = 3 };

}  // namespace

void write_head(FrameWriter& writer, const FeedHead& head) {
  writer.text(head.etag);
  writer.text(head.last_modified);
  writer.number(head.last_modified_realtime_ns);
  writer.number(head.declared_size < 0 ? 0 : static_cast<std::uint64_t>(head.declared_size) + 1);
  writer.number(head.end_is_marked ? 1 : 0);
  writer.text(head.signature);
}

FeedHead read_head(FrameReader& reader) {
  FeedHead head;
  head.etag = reader.text();
  head.last_modified = reader.text();
  head.last_modified_realtime_ns = reader.number(std::numeric_limits<std::uint64_t>::max());
  head.declared_size = static_cast<std::int64_t>(reader.number(std::uint64_t{1} << 62)) - 1;
  head.end_is_marked = reader.boolean();
  head.signature = reader.text();
  return head;
}

std::vector<std::uint8_t> format_fetch_request(const FetchRequest& request) {
  FrameWriter writer(kRequestMagic);
  writer.text(request.path);
  writer.text(request.primary);
  writer.text(request.zone);
  writer.text(request.tsig_key_file);
  writer.text(request.url);
  writer.text(request.ca_file);
  writer.number(static_cast<std::uint64_t>(request.authorization));
  writer.text(request.credentials_file);
  writer.text(request.client_certificate);
  writer.text(request.client_key);
  writer.text(request.proxy);
  writer.text(request.etag);
  writer.text(request.last_modified);
  writer.text(request.signature_path);
  writer.text(request.signature_url);
  writer.number(request.deadline_ms);
  writer.number(request.max_size_bytes);
  writer.text(request.posted);
  return std::move(writer.bytes);
}

Result<FetchRequest> parse_fetch_request(ByteView bytes) {
  FrameReader reader(bytes);
  FetchRequest request;
  reader.magic(kRequestMagic);
  request.path = reader.text();
  request.primary = reader.text();
  request.zone = reader.text();
  request.tsig_key_file = reader.text();
  request.url = reader.text();
  request.ca_file = reader.text();
  request.authorization = reader.choice(Authorization::bearer);
  request.credentials_file = reader.text();
  request.client_certificate = reader.text();
  request.client_key = reader.text();
  request.proxy = reader.text();
  request.etag = reader.text();
  request.last_modified = reader.text();
  request.signature_path = reader.text();
  request.signature_url = reader.text();
  request.deadline_ms = static_cast<std::uint32_t>(reader.number(std::numeric_limits<std::uint32_t>::max()));
  request.max_size_bytes = reader.number(std::numeric_limits<std::uint64_t>::max());
  request.posted = reader.text();
  if (!reader.complete()) return fail(ErrorCode::malformed, "the request to the fetching child cannot be read");
  return request;
}

std::vector<std::uint8_t> format_fetch_reply(const Result<FetchReply>& reply) {
  FrameWriter writer(kReplyMagic);
  if (!reply) {
    writer.byte(static_cast<std::uint8_t>(ReplyType::error));
    writer.text(format_error_field(reply.error()));
  } else if (const auto* head = std::get_if<FeedHead>(&*reply)) {
    writer.byte(static_cast<std::uint8_t>(ReplyType::fetched));
    write_head(writer, *head);
  } else {
    writer.byte(static_cast<std::uint8_t>(ReplyType::not_modified));
  }
  return std::move(writer.bytes);
}

Result<FetchReply> parse_fetch_reply(ByteView bytes) {
  FrameReader reader(bytes);
  reader.magic(kReplyMagic);
  const auto type = static_cast<ReplyType>(reader.byte());
  FetchReply reply;
  if (type == ReplyType::error) {
    const std::string text = reader.text();
    if (reader.complete()) return std::unexpected(parse_error_field(text));
  } else if (type == ReplyType::fetched) {
    const FeedHead head = read_head(reader);
    const bool fits = head.etag.size() <= kMaxEtag && head.last_modified.size() <= kMaxLastModified &&
                      head.signature.size() <= kMaxSignature && is_visible(head.etag) && is_visible(head.last_modified);
    if (fits && reader.complete()) return head;
  } else if (type == ReplyType::not_modified && reader.complete()) {
    return NotModified{};
  }
  return fail(ErrorCode::malformed, "the fetching child's reply cannot be read");
}

}  // namespace parapet::lists
