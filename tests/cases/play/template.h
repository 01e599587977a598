// SPDX-License-Identifier: Apache-2.0
// Messages written as text: escapes, blocks with their length before them, TLS records, HTTP/2 frames.
//
// A template is literal but for this:
//   line ends and the blanks behind them are nothing; a line that begins with # is a remark
//   \r \n \t \s (a blank) \\ \{ \} \xNN
//   {host} {path}             what is asked for; where the entry in question (a host, a URL) stands first, there are
//   the
//                             markers `name` and `name_end`
//   {u8:…} {be16:…} {be24:…}  the inside, its length before it
//   {times N:…} {upper:…} {mixed:…} {backslashes:…}
//                             the inside N times, in other letters, with backslashes for slashes
//   {percent:…} {percent_again:…}   every byte but the slash as %XX; every % as %25
//   {labels:…}                a dotted name in DNS wire form with its closing zero
//   {complete}                once a server has all before this, it serves; needed where the judge does not parse
//   {hello VERSION:…}         a ClientHello of these extensions: the handshake message; the version may be left out
//   {extension N:…} {server_name:…} {name_entry N:…} {host_name:…}
//   {record N VERSION:…}      one TLS record of this content type; versions are hexadecimal
//   {records CUTS:…}          a handshake in several records: of CUTS bytes each, or cut at the markers CUTS
//   (name+3,9);
//                             with between=HEX a record of that content stands between any two
//   {h2 TYPE FLAGS STREAM:…}  one HTTP/2 frame, its numbers hexadecimal
//   {datagram:…} {decoy:…}    one of several datagrams; a decoy is none that the server needs
//   {stream:…}                stands nowhere itself: what the CRYPTO frames are cut from
//   {crypto A..B} {initial …:FRAMES} {zero_rtt N} {handshake_packet N}    QUIC (quic_pieces.h)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support_bytes.h"

namespace parapet::cases {

using support::Bytes;

// What {host} and {path} stand for.
struct Words {
  std::string host, path;
  bool asks_path = false;  // the entry is a URL
};

struct MarkedBytes {
  struct Range {
    std::size_t begin, end;
  };
  struct Datagram {
    Bytes bytes;
    bool decoy;
  };
  Bytes bytes;
  std::optional<Range> name;
  std::optional<std::size_t> complete;
  std::vector<Datagram> datagrams;  // where there are several; `bytes` holds them all then
  std::size_t stream_length = 0;    // of {stream:…}
};

// Its datagrams; the one that a message without {datagram} is.
std::vector<MarkedBytes::Datagram> datagrams_of(const MarkedBytes& message);

// Throws std::invalid_argument with what is wrong and where.
MarkedBytes fill_template(std::string_view text, const Words& words);

}  // namespace parapet::cases
