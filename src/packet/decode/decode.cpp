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

  DecodeOutcome to_the_innermost(Inside inside, unsigned depth) noexcept {
    for (;;) {
      at_ += inside.offset;
      if (inside.in_carrier && ++out_.carriers > depth) return DecodeOutcome::too_deep;
      const ByteView bytes = inside.length == 0 ? ByteView{} : frame_.subspan(at_, inside.length);
      switch (inside.content) {
        case Content::ipv4:
        case Content::ipv6: {
          const bool v4 = inside.content == Content::ipv4;
          note(v4 ? LayerKind::ipv4 : LayerKind::ipv6);
          out_.ip_offset = static_cast<std::uint16_t>(at_);
          inside = v4 ? read_ipv4(bytes, out_) : read_ipv6(bytes, out_);
          out_.marks.lengths |= inside.in_carrier;
          break;
        }
        case Content::tcp:
          out_.l4_offset = static_cast<std::uint16_t>(at_);
          return read_tcp(bytes, out_) ? DecodeOutcome::tcp : DecodeOutcome::malformed;
        case Content::udp:
          out_.l4_offset = static_cast<std::uint16_t>(at_);
          if (!read_udp(bytes, out_)) return DecodeOutcome::malformed;
          inside = look_into_datagram(bytes);
          if (inside.content == Content::udp) return DecodeOutcome::udp;
          break;
        case Content::ethernet: inside = read_ethernet(bytes); break;
        case Content::mpls: inside = read_mpls(bytes); break;
        case Content::pppoe:
          note(LayerKind::pppoe);
          out_.marks.lengths = true;
          inside = read_pppoe(bytes);
          break;
        case Content::ppp: inside = read_ppp(bytes); break;
        case Content::gre:
          note(LayerKind::gre);
          inside = read_gre(bytes, out_.marks);
          break;
        case Content::vxlan: {
          std::uint32_t vni = 0;
          inside = read_vxlan(bytes, vni);
          if (out_.vni == kNoVni) out_.vni = vni;
          break;
        }
        case Content::gtp_u:
          note(LayerKind::gtp_u);
          inside = read_gtp_u(bytes, out_.marks);
          break;
        case Content::fragment:
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

  // The length field of the Ethernet frame that begins here.
  void note_length_field(const LinkNotes& notes) noexcept {
    if (notes.length_field == 0) return;
    out_.marks.lengths = true;
    if (trail_ != nullptr) trail_->add(LayerKind::length_field, at_ + notes.length_field);
  }

 private:
  void note(LayerKind kind) noexcept {
    if (trail_ != nullptr) trail_->add(kind, at_);
  }

  Inside read_ethernet(ByteView bytes) noexcept {
    LinkNotes notes;
    const Inside inside = read_link_layer(bytes, LinkType::ethernet, notes);
    note_length_field(notes);
    return inside;
  }

  Inside look_into_datagram(ByteView datagram) noexcept {
    const std::size_t offset = out_.payload_offset - at_;
    const ByteView payload = datagram.subspan(offset, out_.payload_length);
    const Content content = content_of_datagram(out_.flow.destination_port, payload);
    if (content == Content::udp) return {content};
    note(LayerKind::udp);
    out_.marks.lengths = true;
    out_.marks.checksums |= load_be16(datagram.data() + 6) != 0;
    return {content, true, static_cast<std::uint16_t>(offset), out_.payload_length};
  }

  ByteView frame_;
  Decoded& out_;
  LayerTrail* trail_;
  std::size_t at_ = 0;
};

}  // namespace

Decoded decode_packet(ByteView frame, LinkType link, unsigned depth, LayerTrail* trail) noexcept {
  Decoded out{};
  out.link = link;
  out.vni = kNoVni;
  Walk walk(frame, out, trail);
  LinkNotes notes{&out.tags};
  const Inside inside = read_link_layer(frame, link, notes);
  walk.note_length_field(notes);
  out.outcome = walk.to_the_innermost(inside, depth);
  return out;
}

}  // namespace parapet::packet
