// SPDX-License-Identifier: Apache-2.0
// Writing and reading the frames of the reading child.
#include "lists/update/read_frames.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/frame_fields.h"
#include "config/json_pointer.h"
#include "lists/archive/archive_key.h"
#include "lists/hold/findings_fields.h"
#include "lists/update/fetch_frames.h"
#include "lists/update/openpgp_frames.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kRequestMagic = "PRQ1";
constexpr std::string_view kReplyMagic = "PRR1";
constexpr std::uint64_t kMaxKindWords = 64;
constexpr std::uint64_t kMaxKeys = 8;
enum class ReplyType : std::uint8_t { list = 2, error = 3, increment = 4 };

// What is removed stands there as a list of its own.
void write_increment(FrameWriter& writer, const Increment& increment, const std::string& name, const digest::Key& key) {
  DigestedList removed;
  removed.name = name;
  removed.entries = increment.removed;
  writer.number(increment.base);
  writer.field(format_digested_list(removed, key));
}

}  // namespace

std::vector<std::uint8_t> format_read_request(const ReadRequest& request) {
  FrameWriter writer(kRequestMagic);
  const auto& source = request.source;
  writer.text(source.name);
  writer.text(source.zone);
  writer.number(static_cast<std::uint64_t>(source.format));
  writer.number(static_cast<std::uint64_t>(source.packing));
  writer.number(static_cast<std::uint64_t>(source.encoding));
  writer.number(source.max_size_bytes);
  writer.number(source.max_unpacked_bytes);
  writer.number(source.read_memory_mib);
  writer.number(source.bare_host_is_domain ? 1 : 0);
  writer.number(source.url_is_prefix ? 1 : 0);
  writer.number(source.allow_empty ? 1 : 0);
  writer.number(source.max_wrong_lines);
  writer.text({&source.csv.delimiter, 1});
  writer.number(source.csv.header ? 1 : 0);
  writer.text(source.csv.value_column);
  writer.text(source.csv.kind_column);
  writer.text(source.csv.ends_column);
  writer.number(source.increments ? 1 : 0);
  for (const auto* column : {&source.csv.operation_column, &source.csv.version_column, &source.csv.base_column}) {
    writer.text(*column);
  }
  writer.text(source.json.entries);
  writer.text(source.json.value);
  writer.text(source.json.kind);
  writer.text(source.json.ends);
  for (const auto* pointer : {&source.json.operation, &source.json.version, &source.json.base}) writer.text(*pointer);
  writer.number(source.kind_words.size());
  for (const auto& known : source.kind_words) {
    writer.text(known.word);
    writer.text(known.kind);
  }
  writer.text(source.signed_file);
  writer.number(source.keys.size());
  for (const auto& key : source.keys) {
    writer.text(key.name);
    writer.text(key.minisign);
  }
  write_head(writer, request.head);
  writer.number(request.trusted_now_realtime_ns);
  writer.number(request.guard_files.size());
  for (const auto& file : request.guard_files) {
    writer.number(static_cast<std::uint64_t>(file.rule));
    writer.text(file.text);
  }
  writer.number(request.openpgp ? 1 : 0);
  if (request.openpgp) write_openpgp_answer(writer, *request.openpgp);
  writer.field(request.data_key);
  writer.number(request.digest_key.k0);
  writer.number(request.digest_key.k1);
  return std::move(writer.bytes);
}

Result<ReadRequest> parse_read_request(ByteView bytes) {
  FrameReader reader(bytes);
  ReadRequest request;
  auto& source = request.source;
  reader.magic(kRequestMagic);
  source.name = reader.text();
  source.zone = reader.text();
  source.format = reader.choice(config::FeedFormat::rpz);
  source.packing = reader.choice(config::Packing::zip);
  source.encoding = reader.choice(config::TextEncoding::windows1252);
  source.max_size_bytes = reader.number(std::uint64_t{1} << 32);
  source.max_unpacked_bytes = reader.number(std::uint64_t{1} << 36);
  source.read_memory_mib = static_cast<std::uint32_t>(reader.number(std::numeric_limits<std::uint32_t>::max()));
  source.bare_host_is_domain = reader.boolean();
  source.url_is_prefix = reader.boolean();
  source.allow_empty = reader.boolean();
  source.max_wrong_lines = reader.number(10'000'000);
  const std::string delimiter = reader.text();
  source.csv.delimiter = delimiter.size() == 1 ? delimiter[0] : ',';
  source.csv.header = reader.boolean();
  source.csv.value_column = reader.text();
  source.csv.kind_column = reader.text();
  source.csv.ends_column = reader.text();
  source.increments = reader.boolean();
  for (auto* column : {&source.csv.operation_column, &source.csv.version_column, &source.csv.base_column}) {
    *column = reader.text();
  }
  source.json.entries = reader.text();
  source.json.value = reader.text();
  source.json.kind = reader.text();
  source.json.ends = reader.text();
  for (auto* pointer : {&source.json.operation, &source.json.version, &source.json.base}) *pointer = reader.text();
  for (auto count = reader.number(kMaxKindWords); count > 0; --count) {
    auto word = reader.text();
    source.kind_words.push_back({std::move(word), reader.text()});
  }
  source.signed_file = reader.text();
  for (auto count = reader.number(kMaxKeys); count > 0; --count) {
    auto name = reader.text();
    source.keys.push_back({std::move(name), reader.text(), {}});
  }
  request.head = read_head(reader);
  request.trusted_now_realtime_ns = reader.number(std::numeric_limits<std::uint64_t>::max());
  for (auto count = reader.number(kGuardRules); count > 0; --count) {
    const auto rule = reader.choice(GuardRule::special_use);
    request.guard_files.push_back({rule, reader.text()});
  }
  if (reader.boolean()) request.openpgp = read_openpgp_answer(reader);
  const auto data_key = reader.field();
  request.data_key.assign(data_key.begin(), data_key.end());
  request.digest_key.k0 = reader.number(std::numeric_limits<std::uint64_t>::max());
  request.digest_key.k1 = reader.number(std::numeric_limits<std::uint64_t>::max());
  const auto& json = source.json;
  const bool is_complete =
      reader.complete() && std::ranges::all_of(std::array{&json.entries, &json.value, &json.kind, &json.ends,
                                                          &json.operation, &json.version, &json.base},
                                               [](const auto* pointer) { return config::is_json_pointer(*pointer); });
  const bool has_key_or_none = request.data_key.empty() || request.data_key.size() == kDataKeySize;
  if (!is_complete || !has_key_or_none || delimiter.size() != 1) {
    return fail(ErrorCode::malformed, "the request to the reading child cannot be read");
  }
  return request;
}

std::vector<std::uint8_t> format_read_reply(const Result<GuardedList>& reply, const digest::Key& key) {
  FrameWriter writer(kReplyMagic);
  if (!reply) {
    writer.byte(static_cast<std::uint8_t>(ReplyType::error));
    writer.text(format_error_field(reply.error()));
  } else {
    writer.byte(static_cast<std::uint8_t>(reply->increment ? ReplyType::increment : ReplyType::list));
    writer.field(format_digested_list(reply->list, key));
    write_findings(writer, reply->findings);
    if (reply->increment) write_increment(writer, *reply->increment, reply->list.name, key);
  }
  return std::move(writer.bytes);
}

Result<GuardedList> parse_read_reply(ByteView bytes, const digest::Key& key, const std::string& source_name) {
  FrameReader reader(bytes);
  reader.magic(kReplyMagic);
  const auto type = static_cast<ReplyType>(reader.byte());
  const ByteView body = reader.field();
  const bool is_increment = type == ReplyType::increment;
  auto findings = type == ReplyType::list || is_increment ? read_findings(reader) : Findings{};
  Increment increment;
  if (is_increment) increment.base = reader.number(std::numeric_limits<std::int64_t>::max());
  const ByteView removed = is_increment ? reader.field() : ByteView{};
  if (!reader.complete()) return fail(ErrorCode::malformed, "the reading child's reply cannot be read");
  if (type == ReplyType::error) return std::unexpected(parse_error_field(text_of(body)));
  if (type != ReplyType::list && !is_increment) {
    return fail(ErrorCode::malformed, "the reading child's reply is of no known type");
  }
  auto list = parse_digested_list(body, key);
  if (!list) return std::unexpected(list.error().within("the reading child's reply"));
  if (list->name != source_name) {
    return fail(ErrorCode::integrity, "the reading child's reply is for another source");
  }
  if (!is_increment) return GuardedList{std::move(*list), std::move(findings)};
  auto taken = parse_digested_list(removed, key);
  if (!taken) return std::unexpected(taken.error().within("the reading child's reply"));
  if (taken->name != source_name || increment.base == 0 || increment.base >= list->place.version) {
    return fail(ErrorCode::integrity, "the reading child's increment fits no list of the source");
  }
  increment.removed = std::move(taken->entries);
  return GuardedList{std::move(*list), std::move(findings), std::move(increment)};
}

}  // namespace parapet::lists
