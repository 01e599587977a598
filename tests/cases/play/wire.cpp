// SPDX-License-Identifier: Apache-2.0
// Frames through the pipeline and on to the judges.
#include "wire.h"

#include <stdexcept>

#include "tiny_list.h"

namespace parapet::cases {

using support::IpPacket;
using support::TcpSegment;

Edge::Edge(const snapshot::Snapshot& snapshot) : snapshot_(snapshot) {
  static constexpr digest::Key kFlowKey{11, 22};
  packet::PipelineOptions options;
  options.records = 4096;  // so that those of earlier trials grow old soon
  options.limits.http2_connections = 1024;
  auto made = packet::Pipeline::create(options, kFlowKey, support::kTestKey, block_);
  if (!made) throw std::runtime_error(made.error().context);
  pipeline_ = std::move(*made);
}

packet::Fate Edge::process(Bytes& frame, Side side, std::size_t& injected) {
  packet::Frame one{frame.data(), static_cast<std::uint32_t>(frame.size()), side, {}, packet::LinkType::ethernet};
  packet::Fate fate{};
  packet::InjectionQueue injections;
  pipeline_->process({&one, 1}, {&fate, 1}, &snapshot_, now_, injections);
  injected += injections.all().size();
  frame.resize(one.length);
  return fate;
}

Wire::Wire(Edge& edge, const Options& options) : edge_(edge), options_(options), before_(edge.counters()) {
  Server::Manners linux_end;
  linux_end.hops = options.hops;
  linux_end.tcp.fast_open = options.fast_open;
  Server::Manners inline_end = linux_end, lax_end = linux_end;
  inline_end.tcp.urgent_inline = true;
  lax_end.tcp.takes_anything = true;
  for (const Server::Manners& manners : {linux_end, inline_end, lax_end}) {
    judges_.emplace_back(options.ends.server, manners);
  }
}

// Whether it was forwarded.
bool Wire::pass(Bytes& frame, Side side) {
  const Bytes sent = frame;
  frame.shrink_to_fit();  // so that a sanitizer sees a byte too much
  const packet::Fate fate = edge_.process(frame, side, notes_.injected);
  const bool forwarded = forwards(fate.reason);
  if (!forwarded) ++notes_.dropped[index_of(fate.reason)];
  if (forwarded && frame != sent) ++notes_.altered;
  return forwarded;
}

void Wire::up(const IpPacket& packet, std::size_t trailer, Path path) {
  Bytes frame = support::frame_of(support::carried(packet), options_.carriers, support::Way::up);
  frame.resize(frame.size() + trailer);
  if (path != Path::elsewhere && !pass(frame, Side::subscriber)) return;
  if (path == Path::lost_behind) return;
  for (std::size_t i = 1; i < judges_.size(); ++i) judges_[i].take(frame, edge_.now());
  for (const ServerAnswer& answer : judges_[0].take(frame, edge_.now())) {
    TcpSegment segment;
    segment.source_port = options_.ends.server_port;
    segment.destination_port = answer.client_port;
    segment.seq = answer.reply.seq;
    segment.ack = answer.reply.ack;
    segment.flags = answer.reply.flags;
    if ((segment.flags & packet::kTcpSyn) != 0) segment.options = support::mss_option(1400);
    if (answer.reply.timestamped)
      support::append(segment.options, ByteView{support::timestamp_option(9000, answer.reply.echo)});
    if (path == Path::through) down(segment);
  }
}

void Wire::answer(std::uint16_t client_port, std::size_t length) {
  const TcpReceiver* receiver = connection(client_port);
  if (receiver == nullptr) return;
  TcpSegment segment;
  segment.source_port = options_.ends.server_port;
  segment.destination_port = client_port;
  segment.ack = receiver->next_expected();
  segment.flags = packet::kTcpAck | packet::kTcpPsh;
  segment.payload.assign(length, 'a');
  segment.seq = judges_[0].send(client_port, static_cast<std::uint32_t>(length));
  for (std::size_t i = 1; i < judges_.size(); ++i) judges_[i].send(client_port, static_cast<std::uint32_t>(length));
  down(segment);
}

void Wire::forge(const TcpSegment& segment) { down(segment); }

void Wire::down(const TcpSegment& segment) {
  if (!options_.server_seen) return;
  IpPacket packet;
  packet.source = support::address_bytes(options_.ends.server);
  packet.destination = support::address_bytes(options_.ends.client);
  packet.payload = segment.bytes(packet.source, packet.destination);
  Bytes frame = support::frame_of(support::carried(packet), options_.carriers, support::Way::down);
  pass(frame, Side::transit);
}

Wire::Notes Wire::notes() const {
  Notes notes = notes_;
  const counters::WorkerBlock& now = edge_.counters();
  for (std::size_t i = 0; i < kCountOf<ActionKind>; ++i) notes.acted[i] = now.actions[i] - before_.actions[i];
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    notes.uninspected[i] = now.uninspected[i] - before_.uninspected[i];
  }
  return notes;
}

}  // namespace parapet::cases
