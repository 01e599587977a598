// SPDX-License-Identifier: Apache-2.0
// Captures through the packet's way.
#include "app/cli/replay.h"

#include <algorithm>
#include <array>
#include <bit>

#include "app/cli/capture.h"
#include "app/cli/ipv4_header.h"
#include "app/cli/joined_segments.h"
#include "app/cli/link_types.h"
#include "app/cli/side_guess.h"
#include "packet/pipeline/pipeline.h"

namespace parapet::cli {
namespace {

// Frames that are further apart than this do not share a burst, so that timeouts see the capture's time.
constexpr Nanoseconds kBurstSpan = 1'000'000;

packet::PipelineOptions options_for(std::uint64_t size_hint, const ReplayOptions& options) {
  packet::PipelineOptions pipeline;
  const auto streams = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(size_hint / 256, 1024, 1 << 18));
  pipeline.handshake_slots = std::bit_ceil(streams);
  pipeline.records = streams;
  pipeline.messages = std::clamp<std::uint32_t>(streams / 4, 1024, 4096);
  pipeline.kept_blocks = std::clamp<std::uint32_t>(streams * 4, 4096, 65536);
  pipeline.limits.fragment_datagrams = std::clamp<std::uint32_t>(streams / 4, 256, 8192);
  pipeline.limits.fragment_blocks = std::clamp<std::uint32_t>(streams, 1024, 8192);
  pipeline.limits.quic_connections = std::clamp<std::uint32_t>(streams / 16, 64, 2048);
  pipeline.limits.http2_connections = std::clamp<std::uint32_t>(streams / 32, 32, 256);
  pipeline.verify_checksums = options.verify_checksums;
  return pipeline;
}

class Replay {
 public:
  Replay(packet::Pipeline& pipeline, const ReplayLists& lists, const ReplayOptions& options, RequestReport& report)
      : pipeline_(pipeline),
        lists_(lists),
        verify_checksums_(options.verify_checksums),
        sides_(options.subscribers),
        report_(report) {
    for (auto& bytes : bytes_) bytes.reserve(2048);
  }

  void take(const CapturedFrame& frame, packet::LinkType link) {
    if (frame.bytes.size() > kLongestFrame && take_joined(frame, link)) return;
    auto& bytes = place_for(frame);
    bytes.assign(frame.bytes.begin(), frame.bytes.end());
    if (!verify_checksums_) finish_ipv4_headers(bytes, link);
    add(frame, link);
  }

  void flush() {
    if (size_ == 0) return;
    report_.begin_burst(std::span(numbers_).first(size_));
    injections_.clear();
    pipeline_.process(std::span(frames_).first(size_), std::span(fates_).first(size_), &lists_.snapshot(), now_,
                      injections_);
    size_ = 0;
  }

  const SideGuess& sides() const noexcept { return sides_; }

 private:
  bool take_joined(const CapturedFrame& frame, packet::LinkType link) {
    std::vector<std::uint8_t> whole(frame.bytes.begin(), frame.bytes.end());
    if (!verify_checksums_) finish_ipv4_headers(whole, link);
    const auto segments = segments_of_joined(whole, link);
    if (segments.empty() || (verify_checksums_ && !packet::checksum_fits(whole, packet::decode_packet(whole, link)))) {
      return false;
    }
    for (const auto& segment : segments) {
      place_for(frame) = segment;
      add(frame, link);
    }
    return true;
  }
  // Where the bytes of the burst's next frame go.
  std::vector<std::uint8_t>& place_for(const CapturedFrame& frame) {
    const Nanoseconds now = std::max(now_, frame.time);
    if (size_ == packet::kMaxBurst || (size_ > 0 && now - now_ > kBurstSpan)) flush();
    if (size_ == 0) now_ = now;
    return bytes_[size_];
  }
  void add(const CapturedFrame& frame, packet::LinkType link) {
    auto& bytes = bytes_[size_];
    const Side side = sides_.side_of(bytes, packet::decode_packet(bytes, link));
    frames_[size_] = {bytes.data(), static_cast<std::uint32_t>(bytes.size()), side, Realm{0}, link};
    numbers_[size_++] = frame.number;
  }

  packet::Pipeline& pipeline_;
  const ReplayLists& lists_;
  bool verify_checksums_;
  SideGuess sides_;
  RequestReport& report_;
  Nanoseconds now_ = 0;
  std::size_t size_ = 0;
  std::array<std::vector<std::uint8_t>, packet::kMaxBurst> bytes_;
  std::array<packet::Frame, packet::kMaxBurst> frames_{};
  std::array<packet::Fate, packet::kMaxBurst> fates_{};
  std::array<std::uint64_t, packet::kMaxBurst> numbers_{};
  packet::InjectionQueue injections_;
};

void warn_of_skipped(const std::map<std::uint16_t, std::uint64_t>& skipped, std::vector<std::string>& warnings) {
  for (const auto& [number, frames] : skipped) {
    warnings.push_back(with_thousands(frames) + " frames of link type " + std::to_string(number) +
                       " skipped: read are Ethernet, raw IP, PPP, PPPoE, SLL, SLL2 and null");
  }
}

}  // namespace

Result<ReplayOutcome> replay_capture(ByteSource& source, std::uint64_t size_hint, const ReplayLists& lists,
                                     const ReplayOptions& options, RequestReport& report) {
  auto reader = open_capture(source);
  if (!reader) return std::unexpected(reader.error());
  auto flow_key = digest::StoredKey::random();
  if (!flow_key) return std::unexpected(flow_key.error());
  ReplayOutcome outcome;
  auto pipeline =
      packet::Pipeline::create(options_for(size_hint, options), flow_key->key(), lists.key(), outcome.counters);
  if (!pipeline) return std::unexpected(pipeline.error());
  (*pipeline)->set_request_sink(&report);

  Replay replay(**pipeline, lists, options, report);
  std::map<std::uint16_t, std::uint64_t> skipped;
  CapturedFrame frame{};
  while ((*reader)->next(frame)) {
    ++outcome.frames;
    if (const auto link = link_type_of(frame.link_type)) {
      replay.take(frame, *link);
    } else {
      ++skipped[frame.link_type];
    }
  }
  replay.flush();

  warn_of_skipped(skipped, outcome.warnings);
  if (!(*reader)->damage().empty()) {
    outcome.warnings.push_back(std::string((*reader)->damage()) + " after frame " + with_thousands(outcome.frames) +
                               "; what stands before it was read");
  }
  if (const auto frames = replay.sides().frames_without_subscriber(); frames > 0) {
    outcome.warnings.push_back(with_thousands(frames) +
                               " TCP and UDP frames have no end in a subscriber prefix: not inspected");
  }
  return outcome;
}

}  // namespace parapet::cli
