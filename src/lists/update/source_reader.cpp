// SPDX-License-Identifier: Apache-2.0
// Running the two children one after the other.
#include "lists/update/source_reader.h"

#include "base/file.h"
#include "base/secret.h"
#include "lists/guard/guard.h"
#include "lists/guard/guard_names.h"
#include "lists/update/child_process.h"
#include "lists/update/feed_memory.h"
#include "lists/update/fetch_frames.h"
#include "lists/update/fetching_child.h"
#include "lists/update/openpgp_child.h"
#include "lists/update/openpgp_frames.h"
#include "lists/update/read_frames.h"
#include "lists/update/reading_child.h"
#include "lists/verify/openpgp_key.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kFetchAllowanceMs = 10'000;  // beyond the download's own deadline
constexpr std::size_t kMaxFetchReply = 16384;
constexpr std::uint64_t kMaxReportAnswer = 65536;  // bytes, which nobody reads
constexpr std::size_t kMaxReadReply = 4096 + 48 * kMaxEntries + kGuardRules * (64 + 8 * kMaxNamedEntries);

Authorization to_authorization(config::CredentialsKind kind) {
  switch (kind) {
    case config::CredentialsKind::basic: return Authorization::basic;
    case config::CredentialsKind::bearer: return Authorization::bearer;
    case config::CredentialsKind::none: break;
  }
  return Authorization::none;
}

// All but what is held already.
FetchRequest request_of(const config::SourceOptions& source) {
  return {.path = source.path,
          .primary = source.primary,
          .zone = source.zone,
          .tsig_key_file = source.tsig_key_file,
          .url = source.url,
          .ca_file = source.ca_file,
          .authorization = to_authorization(source.credentials),
          .credentials_file = source.credentials_file,
          .client_certificate = source.client_certificate,
          .client_key = source.client_key,
          .proxy = source.proxy,
          .etag = {},
          .last_modified = {},
          .signature_path = source.signature_path,
          .signature_url = source.signature_url,
          .deadline_ms = source.deadline_ms,
          .max_size_bytes = source.max_size_bytes,
          .posted = {}};
}

Result<FetchReply> fetch(const std::string& program, const FetchRequest& request, const FeedMemory& memory,
                         const StopSignal& stop) {
  const auto question = format_fetch_request(request);
  auto reply = run_child({.program = program,
                          .argument = kFetchingChildArgument,
                          .name = "fetching",
                          .request = question,
                          .feed_fd = memory.fd(),
                          .allowance_ms = request.deadline_ms + kFetchAllowanceMs,
                          .max_reply = kMaxFetchReply},
                         stop);
  if (!reply) return std::unexpected(reply.error());
  return parse_fetch_reply(*reply);
}

std::vector<std::uint8_t> data_key_of(const PollRequest& request) {
  if (request.entries == nullptr) return {};
  const auto key = request.entries->data_key();
  return {key.begin(), key.end()};
}

// What gpgv says of the feed and the signature that came with it; judged in the reading child.
Result<OpenPgpAnswer> ask_gpgv(const std::string& program, const config::SourceOptions& source, const FeedHead& head,
                               const FeedMemory& memory, const StopSignal& stop) {
  OpenPgpRequest question{{}, head.signature};
  for (const auto& key : source.keys) {
    auto file = read_file(key.openpgp_key_file, kMaxOpenPgpKeyFile);
    if (!file) return std::unexpected(file.error().within("key " + key.name));
    auto keyring = parse_openpgp_key(*file);
    if (!keyring) return std::unexpected(keyring.error().within("key " + key.name + ": " + key.openpgp_key_file));
    question.keyrings.push_back(std::move(*keyring));
  }
  const auto bytes = format_openpgp_request(question);
  if (bytes.size() > kMaxOpenPgpRequest) return fail(ErrorCode::limit, "the source's keys are too large together");
  auto reply = run_child({.program = program,
                          .argument = kOpenPgpChildArgument,
                          .name = "verifying",
                          .request = bytes,
                          .feed_fd = memory.fd(),
                          .allowance_ms = source.read_deadline_ms,
                          .max_reply = kMaxOpenPgpReply},
                         stop);
  if (!reply) return std::unexpected(reply.error());
  return parse_openpgp_reply(*reply);
}

// What the reading child gets, and for how long it may run.
struct Reading {
  FeedHead head;
  std::optional<OpenPgpAnswer> openpgp;
  int feed_fd;
  std::uint64_t allowance_ms;
};

Result<GuardedList> read(const std::string& program, const PollRequest& request, Reading reading,
                         const digest::Key& key, const StopSignal& stop) {
  auto guard_names = load_guard_names(request.guard, request.trusted_now_realtime_ns);
  auto question = format_read_request({.source = request.source,
                                       .head = std::move(reading.head),
                                       .digest_key = key,
                                       .trusted_now_realtime_ns = request.trusted_now_realtime_ns,
                                       .guard_files = std::move(guard_names.files),
                                       .openpgp = std::move(reading.openpgp),
                                       .data_key = data_key_of(request)});
  auto reply = run_child({.program = program,
                          .argument = kReadingChildArgument,
                          .name = "reading",
                          .request = question,
                          .feed_fd = reading.feed_fd,
                          .allowance_ms = reading.allowance_ms,
                          .max_reply = kMaxReadReply,
                          .entries_fd = request.entries != nullptr ? request.entries->fd() : -1},
                         stop);
  wipe(question);  // the key stands in it
  if (!reply) return std::unexpected(reply.error());
  auto guarded = parse_read_reply(*reply, key, request.source.name);
  if (!guarded) return std::unexpected(guarded.error());
  if ((guarded->list.place.version != 0) != request.source.increments) {
    return fail(ErrorCode::integrity, "the reading child's reply has a number where none belongs, or none");
  }
  if (request.entries != nullptr) {
    if (auto status = request.entries->seal(); !status) return std::unexpected(status.error());
  }
  for (auto& problem : guard_names.problems) add_finding(guarded->findings, GuardRule::guard_data, std::move(problem));
  return guarded;
}

}  // namespace

Result<PollReply> read_source(const std::string& program, const PollRequest& request, const digest::Key& key,
                              const StopSignal& stop) {
  auto memory = FeedMemory::create();
  if (!memory) return std::unexpected(memory.error());
  auto fetch_request = request_of(request.source);
  fetch_request.etag = request.etag;
  fetch_request.last_modified = request.last_modified;
  auto fetched = fetch(program, fetch_request, *memory, stop);
  if (!fetched) return std::unexpected(fetched.error());
  const auto* head = std::get_if<FeedHead>(&*fetched);
  if (head == nullptr) return NotModified{};
  if (auto status = memory->seal(); !status) return std::unexpected(status.error());

  std::optional<OpenPgpAnswer> openpgp;
  if (request.source.has_openpgp_keys()) {
    auto answer = ask_gpgv(program, request.source, *head, *memory, stop);
    if (!answer) return std::unexpected(answer.error().within("verify"));
    openpgp = std::move(*answer);
  }
  return read(program, request, {*head, std::move(openpgp), memory->fd(), request.source.read_deadline_ms}, key, stop);
}

Result<GuardedList> read_given(const std::string& program, const PollRequest& request, int memory,
                               std::uint64_t allowance_ms, const digest::Key& key, const StopSignal& stop) {
  PollRequest unsigned_request = request;
  auto& source = unsigned_request.source;
  source.allow_empty |= !source.keys.empty();  // as one that its source signed
  source.keys.clear();
  FeedHead head;
  head.end_is_marked = true;  // by the memory's size
  auto given = read(program, unsigned_request, {std::move(head), {}, memory, allowance_ms}, key, stop);
  if (given && given->increment) {
    return fail(ErrorCode::invalid_argument, "it is an increment; only a whole list can be simulated");
  }
  return given;
}

Status send_report(const std::string& program, const config::SourceOptions& source, std::string_view report,
                   const StopSignal& stop) {
  const auto memory = FeedMemory::create();  // where nothing comes
  if (!memory) return std::unexpected(memory.error());
  auto request = request_of(source);
  request.url = source.report.url;
  request.signature_url.clear();
  request.posted = report;
  request.max_size_bytes = kMaxReportAnswer;
  const auto answered = fetch(program, request, *memory, stop);
  return answered ? Status{} : std::unexpected(answered.error());
}

}  // namespace parapet::lists
