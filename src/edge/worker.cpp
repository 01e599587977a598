// SPDX-License-Identifier: Apache-2.0
// A worker's round: beat, receive, hand over strays, judge, send; rest when nothing came.
#include "edge/worker.h"

#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <algorithm>
#include <array>
#include <cstring>

#include "edge/buffers.h"

namespace parapet::edge {
namespace {

constexpr std::uint16_t kBurst = packet::kMaxBurst;
constexpr int kTransmitTries = 64;
constexpr int kBurstsWhenStopping = 256;  // more than a ring holds
constexpr std::uint32_t kSpinsBeforeRest = 32;
constexpr Nanoseconds kLongestRestNs = 10'000'000;

}  // namespace

Worker::Worker(WorkerParts parts)
    : parts_(std::move(parts)), inbox_(*parts_.inboxes[parts_.index.value]), block_(*parts_.block) {
  for (std::uint16_t p = 0; p < parts_.ports.size(); ++p) {
    const Port& port = *parts_.ports[p].port;
    send_places_.push_back(send_place({p}, parts_.index, port.queues(), parts_.worker_count));
    for (std::uint16_t queue = 0; queue < port.queues(); ++queue) {
      if (owner_of_queue({p}, queue, parts_.worker_count) != parts_.index) continue;
      queues_.push_back({{p}, queue});
      const int fd = port.wait_fd(queue);
      if (fd >= 0) {
        waits_.push_back({fd, POLLIN, 0});
      } else {
        has_unwaitable_queue_ = true;
      }
    }
  }
  waits_.push_back({inbox_.wait_fd(), POLLIN, 0});
}

void Worker::run() noexcept {
  numa_node_ = rte_socket_id() == static_cast<unsigned>(SOCKET_ID_ANY) ? 0 : rte_socket_id();
  parts_.snapshots->go_online(parts_.index);
  while (!parts_.settings->stop.load(std::memory_order_relaxed)) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    keep_alive(now);
    adopt_settings();
    const LoadedSnapshot* loaded = parts_.snapshots->read();
    const packet::InForce in_force = in_force_of(loaded);
    counters::set(block_.generation, loaded == nullptr ? 0 : loaded->generation());
    bool worked = serve_inbox(in_force, now);
    for (const Queue& queue : queues_) worked |= serve_queue(queue, in_force, now);
    parts_.snapshots->report_quiescent(parts_.index);
    idle_rounds_ = worked ? 0 : idle_rounds_ + 1;
    if (idle_rounds_ > kSpinsBeforeRest) rest();
  }
  let_kernel_take_over();
  parts_.snapshots->go_offline(parts_.index);
}

// The last beat is taken back, so that frames go across from now on; what is in the sockets already is still served.
void Worker::let_kernel_take_over() noexcept {
  const packet::InForce in_force = in_force_of(parts_.snapshots->read());
  const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
  for (const Queue& queue : queues_) {
    if (!parts_.ports[queue.port.value].port->is_af_xdp()) continue;
    parts_.ports[queue.port.value].port->beat(queue.queue, 0);
    for (int bursts = 0; bursts < kBurstsWhenStopping && serve_queue(queue, in_force, now); ++bursts) {
    }
  }
}

bool Worker::finish() noexcept {
  return serve_inbox(in_force_of(parts_.snapshots->read()), read_clock(CLOCK_MONOTONIC));
}

packet::InForce Worker::in_force_of(const LoadedSnapshot* loaded) const noexcept {
  if (loaded == nullptr) return {nullptr};
  return {&loaded->on_node(numa_node_), loaded->ahead_ns()};
}

void Worker::adopt_settings() noexcept {
  LiveSettings& settings = *parts_.settings;
  const std::uint32_t version = settings.version.load(std::memory_order_acquire);
  if (version == settings_version_) return;
  settings_version_ = version;
  parts_.pipeline->set_actions(settings.reset_tcp ? packet::TcpAction::reset : packet::TcpAction::drop);
  parts_.pipeline->set_timeouts(settings.idle_timeout_ns, settings.block_hold_ns);
}

// Beats; after a pause longer than the kernel waits, what lies in the rings was overtaken by frames that went around
// us.
void Worker::keep_alive(Nanoseconds now) noexcept {
  const bool was_away = last_beat_ != 0 && now - last_beat_ >= parts_.heartbeat_timeout_ns;
  for (const Queue& queue : queues_) {
    const PlacedPort& placed = parts_.ports[queue.port.value];
    if (was_away && placed.port->is_af_xdp()) {
      const std::uint32_t stale = placed.port->drop_waiting(queue.queue);
      counters::add(block_.rx_frames[static_cast<std::size_t>(placed.side)], stale);
      counters::add(block_.reasons[index_of(FrameReason::drop_stale)], stale);
    }
    placed.port->beat(queue.queue, now);
  }
  last_beat_ = now;
  counters::set(block_.heartbeat_monotonic_ns, now);
}

bool Worker::serve_queue(const Queue& queue, const packet::InForce& in_force, Nanoseconds now) noexcept {
  std::array<rte_mbuf*, kBurst> frames;
  const PlacedPort& placed = parts_.ports[queue.port.value];
  const std::uint16_t received = placed.port->receive(queue.queue, frames.data(), kBurst);
  if (received == 0) return false;
  std::uint64_t bytes = 0;
  for (std::uint16_t i = 0; i < received; ++i) {
    frames[i]->port = queue.port.value;
    bytes += frames[i]->pkt_len;
  }
  const auto side = static_cast<std::size_t>(placed.side);
  counters::add(block_.rx_bursts);
  counters::add(block_.rx_frames[side], received);
  counters::add(block_.rx_bytes[side], bytes);
  const std::uint16_t mine = parts_.worker_count > 1 ? hand_over_strays(frames.data(), received) : received;
  if (mine > 0) judge(frames.data(), mine, in_force, now);
  return true;
}

packet::Frame Worker::view_of(rte_mbuf* frame) const noexcept {
  const PlacedPort& placed = parts_.ports[frame->port];
  return {rte_pktmbuf_mtod(frame, std::uint8_t*),
          frame->data_len,
          placed.side,
          placed.realm,
          packet::LinkType::ethernet,
          placed.pair};
}

// Gives frames of streams that other workers own to them; the others move to the front. Returns how many stayed.
std::uint16_t Worker::hand_over_strays(rte_mbuf** frames, std::uint16_t count) noexcept {
  std::array<rte_mbuf*, kBurst> others;
  std::array<std::uint16_t, kBurst> owner_of;
  std::uint16_t mine = 0;
  std::uint16_t strays = 0;
  for (std::uint16_t i = 0; i < count; ++i) {
    const WorkerIndex owner = parts_.steering->owner_of(view_of(frames[i]), parts_.index);
    if (owner == parts_.index) {
      frames[mine++] = frames[i];
    } else {
      owner_of[strays] = owner.value;
      others[strays++] = frames[i];
    }
  }
  // Runs of the same owner go in one step, in order.
  for (std::uint16_t begin = 0; begin < strays;) {
    std::uint16_t end = begin + 1;
    while (end < strays && owner_of[end] == owner_of[begin]) ++end;
    const std::uint32_t taken = parts_.inboxes[owner_of[begin]]->put_strays(others.data() + begin, end - begin);
    counters::add(block_.strays_sent, taken);
    drop(others.data() + begin + taken, end - begin - taken, FrameReason::drop_ring_full);
    begin = end;
  }
  return mine;
}

bool Worker::serve_inbox(const packet::InForce& in_force, Nanoseconds now) noexcept {
  if (parts_.worker_count == 1) return false;
  std::array<rte_mbuf*, kBurst> frames;
  const std::uint16_t outgoing = inbox_.take_outgoing(frames.data(), kBurst);
  for (std::uint16_t begin = 0; begin < outgoing;) {
    std::uint16_t end = begin + 1;
    while (end < outgoing && frames[end]->port == frames[begin]->port) ++end;
    const PortIndex out{frames[begin]->port};
    transmit(out, send_places_[out.value].queue, frames.data() + begin, static_cast<std::uint16_t>(end - begin));
    begin = end;
  }
  const std::uint16_t strays = inbox_.take_strays(frames.data(), kBurst);
  for (std::uint16_t begin = 0; begin < strays;) {
    const PairIndex pair = parts_.ports[frames[begin]->port].pair;
    std::uint16_t end = begin + 1;
    while (end < strays && parts_.ports[frames[end]->port].pair == pair) ++end;
    judge(frames.data() + begin, static_cast<std::uint16_t>(end - begin), in_force, now);
    begin = end;
  }
  return outgoing + strays > 0;
}

// All frames are of one pair, so that what is injected meanwhile goes out of that pair's ports.
void Worker::judge(rte_mbuf** frames, std::uint16_t count, const packet::InForce& in_force, Nanoseconds now) noexcept {
  std::array<packet::Frame, kBurst> views;
  std::array<packet::Fate, kBurst> fates;
  for (std::uint16_t i = 0; i < count; ++i) views[i] = view_of(frames[i]);
  injections_.clear();
  parts_.pipeline->process({views.data(), count}, {fates.data(), count}, in_force, now, injections_);

  const PairIndex pair = parts_.ports[frames[0]->port].pair;
  std::array<std::array<rte_mbuf*, kBurst>, counters::kSides> out;
  std::array<std::uint16_t, counters::kSides> out_count{};
  for (std::uint16_t i = 0; i < count; ++i) {
    rte_mbuf* frame = frames[i];
    if (!forwards(fates[i].reason)) {
      wipe_and_free(frame);
      continue;
    }
    const PlacedPort& peer = parts_.ports[parts_.ports[frame->port].peer.value];
    if (frame->nb_segs != 1 || views[i].length > peer.max_frame) {
      drop(&frame, 1, FrameReason::drop_too_long);
      continue;
    }
    frame->data_len = static_cast<std::uint16_t>(views[i].length);
    frame->pkt_len = views[i].length;
    if (fates[i].wipe) wipe_tail(frame);
    const auto side = static_cast<std::size_t>(peer.side);
    out[side][out_count[side]++] = frame;
  }
  for (std::size_t side = 0; side < counters::kSides; ++side) {
    if (out_count[side] > 0)
      send({static_cast<std::uint16_t>(pair.value * 2 + side)}, out[side].data(), out_count[side]);
  }
  if (!injections_.all().empty()) inject(pair);
}

void Worker::inject(PairIndex pair) noexcept {
  for (const packet::Injection& injection : injections_.all()) {
    rte_mbuf* frame = rte_pktmbuf_alloc(parts_.buffers);
    if (frame == nullptr) {
      counters::add(block_.injections_failed);
      continue;
    }
    std::memcpy(rte_pktmbuf_mtod(frame, std::uint8_t*), injection.bytes.data(), injection.length);
    frame->data_len = injection.length;
    frame->pkt_len = injection.length;
    counters::add(block_.injected_frames);
    send({static_cast<std::uint16_t>(pair.value * 2 + static_cast<std::size_t>(injection.out))}, &frame, 1);
  }
}

void Worker::send(PortIndex out, rte_mbuf** frames, std::uint16_t count) noexcept {
  const SendPlace& place = send_places_[out.value];
  if (place.owner == parts_.index) return transmit(out, place.queue, frames, count);
  for (std::uint16_t i = 0; i < count; ++i) frames[i]->port = out.value;
  const std::uint32_t taken = parts_.inboxes[place.owner.value]->put_outgoing(frames, count);
  drop(frames + taken, count - taken, FrameReason::drop_tx_full);
}

void Worker::transmit(PortIndex out, std::uint16_t queue, rte_mbuf** frames, std::uint16_t count) noexcept {
  const PlacedPort& placed = parts_.ports[out.value];
  std::uint64_t bytes = 0;
  for (std::uint16_t i = 0; i < count; ++i) bytes += frames[i]->pkt_len;
  std::uint16_t sent = 0;
  for (int tries = 0; sent < count && tries < kTransmitTries; ++tries) {
    const std::uint16_t taken = placed.port->transmit(queue, frames + sent, static_cast<std::uint16_t>(count - sent));
    sent = static_cast<std::uint16_t>(sent + taken);
    if (taken == 0) rte_pause();
  }
  for (std::uint16_t i = sent; i < count; ++i) bytes -= frames[i]->pkt_len;
  const auto side = static_cast<std::size_t>(placed.side);
  counters::add(block_.tx_frames[side], sent);
  counters::add(block_.tx_bytes[side], bytes);
  drop(frames + sent, count - sent, FrameReason::drop_tx_full);
}

void Worker::drop(rte_mbuf** frames, std::size_t count, FrameReason reason) noexcept {
  if (count == 0) return;
  counters::add(block_.reasons[index_of(reason)], count);
  for (std::size_t i = 0; i < count; ++i) wipe_and_free(frames[i]);
}

// Waits for the first frame. Where a queue has no descriptor to wait on, it is looked at again after idle_sleep_us.
void Worker::rest() noexcept {
  const std::uint32_t sleep_us = parts_.settings->idle_sleep_us.load(std::memory_order_relaxed);
  if (sleep_us == 0) return rte_pause();
  const Nanoseconds longest = std::min(kLongestRestNs, parts_.heartbeat_timeout_ns / 4);
  const Nanoseconds length = has_unwaitable_queue_ ? std::min<Nanoseconds>(longest, sleep_us * 1000ull) : longest;
  if (!inbox_.prepare_to_sleep()) return;
  parts_.snapshots->go_offline(parts_.index);
  const timespec timeout{0, static_cast<long>(length)};
  static_cast<void>(::ppoll(waits_.data(), waits_.size(), &timeout, nullptr));
  inbox_.woke_up();
  parts_.snapshots->go_online(parts_.index);
}

}  // namespace parapet::edge
