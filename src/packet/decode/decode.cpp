// SPDX-License-Identifier: Apache-2.0
// The way inwards, header by header.
#include "packet/decode/decode.h"

#include "packet/decode/carriers.h"
#include "packet/decode/ip_headers.h"
#include "packet/decode/link_layer.h"
#include "packet/decode/transport.h"

namespace parapet::packet {
namespace {

class Walk {
 public:
  Walk(ByteView frame, Decoded& out, LayerTrail* trail) noexcept : frame_(frame), out_(out), trail_(trail) {}

  // Nearly every frame holds IP, and that TCP: the first turns of follow(), laid out straight.
  DecodeOutcome to_the_innermost(Inside inside, unsigned depth) noexcept {
    if (inside.content == Content::ipv4 || inside.content == Content::ipv6) [[likely]] {
      inside = enter_ip(inside);
      if (inside.content == Content::tcp) [[likely]] {
        return enter_tcp(inside);
      }
    }
    return follow(inside, depth);
  }

  // The length field of the Ethernet frame that begins here.
  void note_length_field(const LinkNotes& notes) noexcept {
    if (notes.length_field == 0) return;
    out_.marks.lengths = true;
    note(LayerKind::length_field, at_ + notes.length_field);
  }

 private:
  [[gnu::noinline]] DecodeOutcome follow(Inside inside, unsigned depth) noexcept {
    for (;;) {
      if (inside.in_carrier && ++out_.carriers > depth) return DecodeOutcome::too_deep;
      switch (inside.content) {
        case Content::ipv4:
        case Content::ipv6: inside = enter_ip(inside); break;
        case Content::tcp: return enter_tcp(inside);
        case Content::udp:
          inside = enter_udp(inside);
          if (inside.content == Content::udp) return DecodeOutcome::udp;
          break;
        case Content::ethernet: inside = enter_ethernet(inside); break;
        case Content::mpls: inside = read_mpls(enter(inside)); break;
        case Content::pppoe:
          inside = read_pppoe(enter(inside, LayerKind::pppoe));
          out_.marks.lengths = true;
          break;
        case Content::ppp: inside = read_ppp(enter(inside)); break;
        case Content::gre: inside = read_gre(enter(inside, LayerKind::gre), out_.marks); break;
        case Content::vxlan: {
          std::uint32_t vni = 0;
          inside = read_vxlan(enter(inside), vni);
          if (out_.vni == kNoVni) out_.vni = vni;
          break;
        }
        case Content::gtp_u: inside = read_gtp_u(enter(inside, LayerKind::gtp_u), out_.marks); break;
        case Content::fragment:
          enter(inside);
          out_.l4_offset = out_.payload_offset = static_cast<std::uint16_t>(at_);
          out_.payload_length = inside.length;
          return DecodeOutcome::fragment;
        case Content::not_ip: return DecodeOutcome::not_ip;
        case Content::other_protocol: return DecodeOutcome::other_protocol;
        case Content::too_deep: return DecodeOutcome::too_deep;
        case Content::long_chain: return DecodeOutcome::long_chain;
        case Content::invalid_header: return DecodeOutcome::invalid_headers;
        case Content::malformed: return DecodeOutcome::malformed;
      }
    }
  }

  void note(LayerKind kind, std::size_t at) noexcept {
    if (trail_ != nullptr) trail_->add(kind, at);
  }

  // Moves on to what was found; returns its bytes.
  ByteView enter(Inside inside) noexcept {
    at_ += inside.offset;
    return inside.length == 0 ? ByteView{} : frame_.subspan(at_, inside.length);
  }
  ByteView enter(Inside inside, LayerKind kind) noexcept {
    const ByteView bytes = enter(inside);
    note(kind, at_);
    return bytes;
  }

  Inside enter_ip(Inside inside) noexcept {
    const bool v4 = inside.content == Content::ipv4;
    const ByteView bytes = enter(inside, v4 ? LayerKind::ipv4 : LayerKind::ipv6);
    out_.ip_offset = static_cast<std::uint16_t>(at_);
    inside = v4 ? read_ipv4(bytes, out_) : read_ipv6(bytes, out_);
    out_.marks.lengths |= inside.in_carrier;
    return inside;
  }

  DecodeOutcome enter_tcp(Inside inside) noexcept {
    const ByteView bytes = enter(inside);
    out_.l4_offset = static_cast<std::uint16_t>(at_);
    return read_tcp(bytes, out_) ? DecodeOutcome::tcp : DecodeOutcome::malformed;
  }

  // Content::udp: what the datagram holds is no carrier.
  Inside enter_udp(Inside inside) noexcept {
    const ByteView datagram = enter(inside);
    out_.l4_offset = static_cast<std::uint16_t>(at_);
    if (!read_udp(datagram, out_)) return {Content::malformed};
    const ByteView payload = datagram.subspan(kUdpHeaderLength, out_.payload_length);
    const Content content = content_of_datagram(out_.flow.destination_port, payload);
    if (content == Content::udp) return {content};
    note(LayerKind::udp, at_);
    out_.marks.lengths = true;
    out_.marks.checksums |= load_be16(datagram.data() + 6) != 0;
    return {content, true, kUdpHeaderLength, out_.payload_length};
  }

  Inside enter_ethernet(Inside inside) noexcept {
    LinkNotes notes;
    inside = read_ethernet(enter(inside), notes);
    note_length_field(notes);
    return inside;
  }

  ByteView frame_;
  Decoded& out_;
  LayerTrail* trail_;
  std::size_t at_ = 0;
};

}  // namespace

[[gnu::flatten]] void decode_packet(ByteView frame, LinkType link, Decoded& out, unsigned depth,
                                    LayerTrail* trail) noexcept {
  out = {};
  out.link = link;
  out.vni = kNoVni;
  Walk walk(frame, out, trail);
  LinkNotes notes{&out.tags};
  const Inside inside = read_link_layer(frame, link, notes);
  walk.note_length_field(notes);
  out.outcome = walk.to_the_innermost(inside, depth);
}

}  // namespace parapet::packet
