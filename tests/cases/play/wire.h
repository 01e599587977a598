// SPDX-License-Identifier: Apache-2.0
// The wire of one case: the pipeline in its middle, judges behind it, and a note of everything it did to a frame.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "carriers.h"
#include "counters/layout.h"
#include "endpoint/server.h"
#include "packet/pipeline/pipeline.h"
#include "snapshot/snapshot.h"

namespace parapet::cases {

// The pipeline, which goes on from case to case; each has its own ports.
class Edge {
 public:
  explicit Edge(const snapshot::Snapshot& snapshot);

  packet::Fate process(Bytes& frame, Side side, std::size_t& injected);
  void wait(Nanoseconds time) { now_ += time; }
  Nanoseconds now() const { return now_; }
  const counters::WorkerBlock& counters() const { return block_; }

 private:
  const snapshot::Snapshot& snapshot_;
  counters::WorkerBlock block_{};
  std::unique_ptr<packet::Pipeline> pipeline_;
  Nanoseconds now_ = 1000 * kNanosecondsPerSecond;
};

class Wire {
 public:
  struct Options {
    support::Ends ends;
    std::vector<std::string> carriers;  // from the outermost on
    bool server_seen = true;            // its packets pass the edge
    unsigned hops = 3;                  // from the edge to the server
    bool fast_open = false;
    bool trace = false;  // prints what becomes of each frame
  };
  // What was done to frames.
  struct Notes {
    std::array<std::size_t, kCountOf<FrameReason>> dropped{};
    std::array<std::size_t, kCountOf<ActionKind>> acted{};
    std::size_t altered = 0, injected = 0;
    std::array<std::uint64_t, kCountOf<UninspectedReason>> uninspected{};
  };

  Wire(Edge& edge, const Options& options);

  enum class Path : std::uint8_t { through, lost_behind, elsewhere };
  // A packet of the client's. `trailer`: bytes behind it in the frame.
  void up(const support::IpPacket& packet, std::size_t trailer = 0, Path path = Path::through);
  // Payload from the server's application, of any content; `forge`: a TCP segment that no server knows of.
  void answer(std::uint16_t client_port, std::size_t length);
  void forge(const support::TcpSegment& segment);

  const Options& options() const { return options_; }
  const TcpReceiver* connection(std::uint16_t client_port) const { return judges_[0].connection(client_port); }
  const std::vector<Server>& judges() const { return judges_; }  // the first is the one that answers
  Notes notes() const;
  void wait(Nanoseconds time) { edge_.wait(time); }

 private:
  void down(const support::TcpSegment& segment);
  bool pass(Bytes& frame, Side side);

  Edge& edge_;
  Options options_;
  std::vector<Server> judges_;
  Notes notes_;
  counters::WorkerBlock before_;
};

}  // namespace parapet::cases
