// SPDX-License-Identifier: Apache-2.0
// Reading messages with ldns; the only file that includes it.
#include "lists/fetch/dns_message.h"

#include <ldns/ldns.h>
#include <algorithm>
#include <cstdlib>
#include <memory>

namespace parapet::lists {
namespace {

struct RecordFree {
  void operator()(ldns_rr* record) const noexcept { ::ldns_rr_free(record); }
};
struct FieldFree {
  void operator()(ldns_rdf* field) const noexcept { ::ldns_rdf_deep_free(field); }
};
struct TextFree {
  void operator()(char* text) const noexcept { std::free(text); }
};
using Record = std::unique_ptr<ldns_rr, RecordFree>;

std::string to_lower(std::string_view name) {
  std::string lower(name);  // a length byte is at most 63, below 'A'
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

std::string name_of_field(const ldns_rdf* field) {
  return to_lower(text_of({::ldns_rdf_data(field), ::ldns_rdf_size(field)}));
}

Error malformed_at(std::size_t position) {
  return {ErrorCode::malformed, "a message cannot be read at byte " + std::to_string(position)};
}

Result<Record> take_record(ByteView bytes, std::size_t& position, ldns_pkt_section section) {
  ldns_rr* record = nullptr;
  const std::size_t begin = position;
  if (::ldns_wire2rr(&record, bytes.data(), bytes.size(), &position, section) != LDNS_STATUS_OK || record == nullptr) {
    return std::unexpected(malformed_at(begin));
  }
  return Record(record);
}

Result<DnsRecord> to_record(const ldns_rr& record, std::size_t begin) {
  DnsRecord out{.owner = name_of_field(::ldns_rr_owner(&record)),
                .type = static_cast<std::uint16_t>(::ldns_rr_get_type(&record)),
                .rr_class = static_cast<std::uint16_t>(::ldns_rr_get_class(&record)),
                .text = {}};
  if (out.type == kTypeSoa) {
    if (::ldns_rr_rd_count(&record) != 7) return std::unexpected(malformed_at(begin));
    out.serial = ::ldns_rdf2native_int32(::ldns_rr_rdf(&record, 2));
  }
  const std::unique_ptr<char, TextFree> text(::ldns_rr2str_fmt(ldns_output_format_nocomments, &record));
  if (!text) return std::unexpected(malformed_at(begin));
  out.text = text.get();
  if (out.text.find('\n') + 1 != out.text.size())
    return std::unexpected(malformed_at(begin));  // one line, with its end
  return out;
}

// A field of a length of two bytes and so many bytes.
std::vector<std::uint8_t> counted_bytes(const ldns_rdf* field) {
  const ByteView bytes(::ldns_rdf_data(field), ::ldns_rdf_size(field));
  return bytes.size() < 2 ? std::vector<std::uint8_t>{} : std::vector<std::uint8_t>(bytes.begin() + 2, bytes.end());
}

Result<TsigRecord> to_tsig(const ldns_rr& record, std::size_t begin) {
  const auto field = [&](std::size_t index) { return ::ldns_rr_rdf(&record, index); };
  const bool is_whole = ::ldns_rr_rd_count(&record) == 7 && ::ldns_rdf_size(field(1)) == 6 &&
                        ::ldns_rr_get_class(&record) == LDNS_RR_CLASS_ANY && ::ldns_rr_ttl(&record) == 0;
  if (!is_whole) return std::unexpected(malformed_at(begin));
  const std::uint8_t* time = ::ldns_rdf_data(field(1));
  return TsigRecord{.name = name_of_field(::ldns_rr_owner(&record)),
                    .algorithm = name_of_field(field(0)),
                    .signed_s = std::uint64_t{load_be16(time)} << 32 | load_be32(time + 2),
                    .fudge_s = ::ldns_rdf2native_int16(field(2)),
                    .mac = counted_bytes(field(3)),
                    .original_id = ::ldns_rdf2native_int16(field(4)),
                    .error = ::ldns_rdf2native_int16(field(5)),
                    .other = counted_bytes(field(6)),
                    .begin = begin};
}

// Authority and additional records say nothing to us, but the last of them may be the signature.
Status skip_to_tsig(ByteView bytes, std::size_t& position, std::size_t count, ldns_pkt_section section,
                    DnsMessage& message) {
  for (; count > 0; --count) {
    const std::size_t begin = position;
    if (message.tsig) return std::unexpected(malformed_at(begin));
    auto record = take_record(bytes, position, section);
    if (!record) return std::unexpected(record.error());
    if (::ldns_rr_get_type(record->get()) != LDNS_RR_TYPE_TSIG) continue;
    if (section != LDNS_SECTION_ADDITIONAL) return std::unexpected(malformed_at(begin));
    auto tsig = to_tsig(**record, begin);
    if (!tsig) return std::unexpected(tsig.error());
    message.tsig = std::move(*tsig);
  }
  return {};
}

}  // namespace

Result<DnsMessage> parse_dns_message(ByteView bytes) {
  if (bytes.size() < kDnsHeader) return std::unexpected(malformed_at(0));
  const std::uint16_t flags = load_be16(&bytes[2]);
  DnsMessage message{.id = load_be16(&bytes[0]),
                     .is_response = (flags & 0x8000) != 0,
                     .is_truncated = (flags & 0x0200) != 0,
                     .opcode = static_cast<std::uint8_t>(flags >> 11 & 15),
                     .rcode = static_cast<std::uint8_t>(flags & 15),
                     .question = {},
                     .answers = {},
                     .tsig = {}};
  const std::uint16_t questions = load_be16(&bytes[4]);
  if (questions > 1) return std::unexpected(malformed_at(4));
  std::size_t position = kDnsHeader;
  if (questions == 1) {
    auto question = take_record(bytes, position, LDNS_SECTION_QUESTION);
    if (!question) return std::unexpected(question.error());
    message.question = {name_of_field(::ldns_rr_owner(question->get())),
                        static_cast<std::uint16_t>(::ldns_rr_get_type(question->get()))};
  }
  for (unsigned count = load_be16(&bytes[6]); count > 0; --count) {
    const std::size_t begin = position;
    auto taken = take_record(bytes, position, LDNS_SECTION_ANSWER);
    if (!taken) return std::unexpected(taken.error());
    auto record = to_record(**taken, begin);
    if (!record) return std::unexpected(record.error());
    message.answers.push_back(std::move(*record));
  }
  auto rest = skip_to_tsig(bytes, position, load_be16(&bytes[8]), LDNS_SECTION_AUTHORITY, message);
  if (rest) rest = skip_to_tsig(bytes, position, load_be16(&bytes[10]), LDNS_SECTION_ADDITIONAL, message);
  if (!rest) return std::unexpected(rest.error());
  if (position != bytes.size()) return std::unexpected(malformed_at(position));
  return message;
}

std::vector<std::uint8_t> format_query(std::uint16_t id, std::string_view name, std::uint16_t type) {
  std::vector<std::uint8_t> bytes(kDnsHeader + name.size() + 4);
  store_be16(&bytes[0], id);
  store_be16(&bytes[4], 1);
  std::ranges::copy(bytes_of(name), bytes.begin() + kDnsHeader);
  store_be16(&bytes[bytes.size() - 4], type);
  store_be16(&bytes[bytes.size() - 2], kClassIn);
  return bytes;
}

Result<std::string> to_wire_name(const std::string& text) {
  const std::unique_ptr<ldns_rdf, FieldFree> name(::ldns_dname_new_frm_str(text.c_str()));
  if (!name) return fail(ErrorCode::invalid_argument, "no name of DNS");
  return name_of_field(name.get());
}

bool is_within(std::string_view name, std::string_view origin) noexcept {
  while (name.size() > origin.size()) name.remove_prefix(std::size_t{1} + static_cast<unsigned char>(name.front()));
  return name == origin;
}

}  // namespace parapet::lists
