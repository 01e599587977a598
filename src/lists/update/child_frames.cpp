// SPDX-License-Identifier: Apache-2.0
// Writing and reading the frames between parapetd and its reading child.
#include "lists/update/child_frames.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace parapet::lists {
namespace {

constexpr std::string_view kRequestMagic = "PRQ1";
constexpr std::string_view kReplyMagic = "PRR1";
enum class ReplyType : std::uint8_t { not_modified = 1, list = 2, error = 3 };

class Writer {
 public:
  explicit Writer(std::string_view magic) : bytes(magic.begin(), magic.end()) {}
  void field(ByteView value) {
    const std::size_t at = bytes.size();
    bytes.resize(at + 4 + value.size());
    store_be32(bytes.data() + at, static_cast<std::uint32_t>(value.size()));
    std::ranges::copy(value, bytes.begin() + static_cast<std::ptrdiff_t>(at + 4));
  }
  void text(std::string_view value) { field(bytes_of(value)); }
  void number(std::uint64_t value) { text(std::to_string(value)); }
  std::vector<std::uint8_t> bytes;
};

class FieldReader {
 public:
  explicit FieldReader(ByteView bytes) : reader_(bytes) {}
  bool take_magic(std::string_view magic) { return text_of(reader_.take(magic.size())) == magic; }
  ByteView field() { return reader_.take(reader_.be32()); }
  std::string text() { return std::string(text_of(field())); }
  std::uint64_t number(std::uint64_t max) {
    const auto digits = text_of(field());
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value > max) wrong_ = true;
    return value;
  }
  std::uint8_t byte() { return reader_.u8(); }
  bool complete() const { return reader_.ok() && reader_.remaining() == 0 && !wrong_; }

 private:
  ByteReader reader_;
  bool wrong_ = false;
};

Result<ErrorCode> parse_code(std::string_view name) {
  for (int number = 0; number <= static_cast<int>(ErrorCode::unavailable); ++number) {
    if (name_of(static_cast<ErrorCode>(number)) == name) return static_cast<ErrorCode>(number);
  }
  return fail(ErrorCode::malformed, "unknown error code");
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

Error parse_error(std::string_view text) {
  const auto line_feed = text.find('\n');
  const auto code = parse_code(text.substr(0, line_feed));
  if (!code || line_feed == std::string_view::npos || text.size() - line_feed - 1 > kMaxErrorContext ||
      !is_visible(text.substr(line_feed + 1))) {
    return {ErrorCode::malformed, "the reading child's error cannot be read"};
  }
  return {*code, std::string(text.substr(line_feed + 1))};
}

std::string format_error(const Error& error) {
  std::string context = error.context.substr(0, kMaxErrorContext);
  for (char& c : context) {
    if (c < 0x20 || c >= 0x7f) c = '?';
  }
  return std::string(name_of(error.code)) + "\n" + context;
}

}  // namespace

std::vector<std::uint8_t> format_request(const ReadRequest& request) {
  Writer writer(kRequestMagic);
  const auto& source = request.source;
  writer.text(source.name);
  writer.text(source.url);
  writer.number(static_cast<std::uint64_t>(source.format));
  writer.text(source.ca_file);
  writer.number(static_cast<std::uint64_t>(source.credentials));
  writer.text(source.credentials_file);
  writer.number(source.deadline_ms);
  writer.number(source.max_size_bytes);
  writer.number(source.bare_host_is_domain ? 1 : 0);
  writer.number(source.url_is_prefix ? 1 : 0);
  writer.number(source.allow_empty ? 1 : 0);
  writer.text({&source.csv.delimiter, 1});
  writer.number(source.csv.header ? 1 : 0);
  writer.text(source.csv.value_column);
  writer.text(source.csv.kind_column);
  writer.text(request.digest_key_file);
  writer.text(request.etag);
  writer.text(request.last_modified);
  return std::move(writer.bytes);
}

Result<ReadRequest> parse_request(ByteView bytes) {
  FieldReader reader(bytes);
  ReadRequest request;
  auto& source = request.source;
  const bool known = reader.take_magic(kRequestMagic);
  source.name = reader.text();
  source.url = reader.text();
  source.format = static_cast<config::FeedFormat>(reader.number(static_cast<std::uint64_t>(config::FeedFormat::csv)));
  source.ca_file = reader.text();
  source.credentials =
      static_cast<config::CredentialsKind>(reader.number(static_cast<std::uint64_t>(config::CredentialsKind::bearer)));
  source.credentials_file = reader.text();
  source.deadline_ms = static_cast<std::uint32_t>(reader.number(3'600'000));
  source.max_size_bytes = reader.number(std::uint64_t{1} << 32);
  source.bare_host_is_domain = reader.number(1) == 1;
  source.url_is_prefix = reader.number(1) == 1;
  source.allow_empty = reader.number(1) == 1;
  const std::string delimiter = reader.text();
  source.csv.delimiter = delimiter.size() == 1 ? delimiter[0] : ',';
  source.csv.header = reader.number(1) == 1;
  source.csv.value_column = reader.text();
  source.csv.kind_column = reader.text();
  request.digest_key_file = reader.text();
  request.etag = reader.text();
  request.last_modified = reader.text();
  if (!known || !reader.complete() || delimiter.size() != 1) {
    return fail(ErrorCode::malformed, "the request to the reading child cannot be read");
  }
  return request;
}

std::vector<std::uint8_t> format_reply(const Result<ReadReply>& reply, const digest::Key& key) {
  Writer writer(kReplyMagic);
  const auto put = [&](ReplyType type, ByteView body) {
    writer.bytes.push_back(static_cast<std::uint8_t>(type));
    writer.field(body);
  };
  if (!reply) {
    put(ReplyType::error, bytes_of(format_error(reply.error())));
  } else if (const auto* list = std::get_if<DigestedList>(&*reply)) {
    put(ReplyType::list, format_digested_list(*list, key));
  } else {
    put(ReplyType::not_modified, {});
  }
  return std::move(writer.bytes);
}

Result<ReadReply> parse_reply(ByteView bytes, const digest::Key& key, const std::string& source_name) {
  if (bytes.empty()) return fail(ErrorCode::unavailable, "the reading child ended without a reply");
  FieldReader reader(bytes);
  const bool known = reader.take_magic(kReplyMagic);
  const auto type = static_cast<ReplyType>(reader.byte());
  const ByteView body = reader.field();
  if (!known || !reader.complete()) return fail(ErrorCode::malformed, "the reading child's reply cannot be read");
  switch (type) {
    case ReplyType::error: return std::unexpected(parse_error(text_of(body)));
    case ReplyType::not_modified:
      if (!body.empty()) break;
      return NotModified{};
    case ReplyType::list: {
      auto list = parse_digested_list(body, key);
      if (!list) return std::unexpected(list.error().within("the reading child's reply"));
      if (list->name != source_name)
        return fail(ErrorCode::integrity, "the reading child's reply is for another source");
      return std::move(*list);
    }
  }
  return fail(ErrorCode::malformed, "the reading child's reply is of no known type");
}

}  // namespace parapet::lists
