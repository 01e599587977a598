// SPDX-License-Identifier: Apache-2.0
// Writing and reading the frames of the joining child.
#include "lists/update/join_frames.h"

#include <algorithm>
#include <array>

#include "base/frame_fields.h"
#include "lists/archive/archive_key.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kQuestionMagic = "PJQ1";
constexpr std::string_view kReplyMagic = "PJR1";
constexpr std::uint64_t kMaxStream = std::uint64_t{1} << 37;
enum class ReplyType : std::uint8_t { joined = 1, error = 3 };

}  // namespace

std::vector<std::uint8_t> format_join_question(const JoinQuestion& question) {
  FrameWriter writer(kQuestionMagic);
  writer.number(question.base_bytes);
  writer.number(question.added_bytes);
  for (const auto* key : {&question.base_key, &question.added_key, &question.joined_key}) writer.field(*key);
  return std::move(writer.bytes);
}

Result<JoinQuestion> parse_join_question(ByteView bytes) {
  FrameReader reader(bytes);
  JoinQuestion question;
  reader.magic(kQuestionMagic);
  question.base_bytes = reader.number(kMaxStream);
  question.added_bytes = reader.number(kMaxStream);
  const std::array keys{&question.base_key, &question.added_key, &question.joined_key};
  for (auto* key : keys) {
    const auto field = reader.field();
    key->assign(field.begin(), field.end());
  }
  const bool keys_fit = std::ranges::all_of(keys, [](const auto* key) { return key->size() == kDataKeySize; });
  if (!reader.complete() || !keys_fit) {
    return fail(ErrorCode::malformed, "the request to the joining child cannot be read");
  }
  return question;
}

std::vector<std::uint8_t> format_join_reply(const Status& reply) {
  FrameWriter writer(kReplyMagic);
  writer.byte(static_cast<std::uint8_t>(reply ? ReplyType::joined : ReplyType::error));
  if (!reply) writer.text(format_error_field(reply.error()));
  return std::move(writer.bytes);
}

Status parse_join_reply(ByteView bytes) {
  FrameReader reader(bytes);
  reader.magic(kReplyMagic);
  const auto type = static_cast<ReplyType>(reader.byte());
  const ByteView error = type == ReplyType::error ? reader.field() : ByteView{};
  if (!reader.complete()) return fail(ErrorCode::malformed, "the joining child's reply cannot be read");
  if (type == ReplyType::error) return std::unexpected(parse_error_field(text_of(error)));
  if (type != ReplyType::joined) return fail(ErrorCode::malformed, "the joining child's reply is of no known type");
  return {};
}

}  // namespace parapet::lists
