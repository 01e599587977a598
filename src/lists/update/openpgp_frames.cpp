// SPDX-License-Identifier: Apache-2.0
// Writing and reading the frames of the verifying child.
#include "lists/update/openpgp_frames.h"

#include <limits>

#include "base/frame_fields.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kRequestMagic = "POQ1";
constexpr std::string_view kReplyMagic = "POR1";
constexpr std::uint64_t kMaxKeyrings = 8;
constexpr std::uint64_t kMaxExitStatus = 255;
enum class ReplyType : std::uint8_t { answer = 1, error = 3 };

}  // namespace

void write_openpgp_answer(FrameWriter& writer, const OpenPgpAnswer& answer) {
  writer.number(static_cast<std::uint64_t>(answer.exit_status + 1));
  writer.text(answer.status);
  writer.number(answer.clock_realtime_ns);
}

OpenPgpAnswer read_openpgp_answer(FrameReader& reader) {
  OpenPgpAnswer answer;
  answer.exit_status = static_cast<int>(reader.number(kMaxExitStatus + 1)) - 1;
  answer.status = reader.text();
  answer.clock_realtime_ns = reader.number(std::numeric_limits<std::uint64_t>::max() / 2);
  return answer;
}

std::vector<std::uint8_t> format_openpgp_request(const OpenPgpRequest& request) {
  FrameWriter writer(kRequestMagic);
  writer.number(request.keyrings.size());
  for (const auto& keyring : request.keyrings) writer.field(keyring);
  writer.text(request.signature);
  return std::move(writer.bytes);
}

Result<OpenPgpRequest> parse_openpgp_request(ByteView bytes) {
  FrameReader reader(bytes);
  OpenPgpRequest request;
  reader.magic(kRequestMagic);
  for (auto count = reader.number(kMaxKeyrings); count > 0; --count) {
    const auto keyring = reader.field();
    request.keyrings.emplace_back(keyring.begin(), keyring.end());
  }
  request.signature = reader.text();
  if (!reader.complete() || request.keyrings.empty()) {
    return fail(ErrorCode::malformed, "the request to the verifying child cannot be read");
  }
  return request;
}

std::vector<std::uint8_t> format_openpgp_reply(const Result<OpenPgpAnswer>& reply) {
  FrameWriter writer(kReplyMagic);
  if (reply) {
    writer.byte(static_cast<std::uint8_t>(ReplyType::answer));
    write_openpgp_answer(writer, *reply);
  } else {
    writer.byte(static_cast<std::uint8_t>(ReplyType::error));
    writer.text(format_error_field(reply.error()));
  }
  return std::move(writer.bytes);
}

Result<OpenPgpAnswer> parse_openpgp_reply(ByteView bytes) {
  FrameReader reader(bytes);
  reader.magic(kReplyMagic);
  const auto type = static_cast<ReplyType>(reader.byte());
  if (type == ReplyType::error) {
    const std::string text = reader.text();
    if (reader.complete()) return std::unexpected(parse_error_field(text));
  } else if (type == ReplyType::answer) {
    auto answer = read_openpgp_answer(reader);
    if (reader.complete() && answer.status.size() <= kMaxOpenPgpStatus) return answer;
  }
  return fail(ErrorCode::malformed, "the verifying child's reply cannot be read");
}

}  // namespace parapet::lists
