// SPDX-License-Identifier: Apache-2.0
// The records of a zone as text ("master file"), as far as policy zones need them.  RFC 1035 §5.1
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "lists/read/format.h"

namespace parapet::lists {

// What a policy zone tells apart.
enum class ZoneType : std::uint8_t {
  soa,
  ns,
  cname,
  dname,
  dnssec,  // says something about records, not about names to stop: RRSIG, NSEC, DNSKEY, ZONEMD, ...
  data,    // any other type that is known, or TYPE123
};

// Names are labels in wire form (length byte, label, ...), lower-case, without the closing zero; the root is empty.
struct ZoneRecord {
  std::size_t line;  // where it begins
  std::string_view owner;
  ZoneType type;
  std::string target;  // of a CNAME
};

// The origin of a text that names none: a label that no host has, so that only relative names are below it.
inline constexpr std::string_view kNamelessOrigin{"\1\0", 2};

// "a.b" or "a.b." as labels.
//   out  nullptr, or what is wrong with it, never repeating the text
const char* parse_zone_name(std::string_view text, std::string_view origin, std::string& out);

// Walks the records; what cannot be read goes to the sink as refused. $ORIGIN and $TTL are understood, $INCLUDE and
// $GENERATE refused; the class is IN; data of types other than CNAME is not looked into.
//   origin  of relative names until an $ORIGIN comes
//   cost    one pass; holds one record
void walk_zone(ByteView text, std::string_view origin, RowSink& sink,
               const std::function<void(const ZoneRecord&)>& visit);

}  // namespace parapet::lists
