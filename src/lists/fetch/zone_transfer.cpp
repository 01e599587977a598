// SPDX-License-Identifier: Apache-2.0
// SOA, then AXFR.
#include "lists/fetch/zone_transfer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <random>

#include "base/clock.h"
#include "lists/fetch/dns_message.h"
#include "lists/fetch/dns_stream.h"
#include "lists/fetch/serial.h"
#include "lists/fetch/tsig.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kEtagBegin = "soa:";

std::string etag_of(std::uint32_t serial, const std::string& zone) {
  return std::string(kEtagBegin) + std::to_string(serial) + ':' + zone;
}

// Of the version held; none where it is of another zone or place.
std::optional<std::uint32_t> serial_of(std::string_view etag, const std::string& zone) {
  std::uint32_t serial = 0;
  if (!etag.starts_with(kEtagBegin)) return std::nullopt;
  etag.remove_prefix(kEtagBegin.size());
  const auto [end, error] = std::from_chars(etag.data(), etag.data() + etag.size(), serial);
  etag.remove_prefix(static_cast<std::size_t>(end - etag.data()));
  if (error != std::errc{} || !etag.starts_with(':') || etag.substr(1) != zone) return std::nullopt;
  return serial;
}

std::string name_of_rcode(std::uint8_t rcode) {
  constexpr std::array<std::string_view, 11> kNames{"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                                    "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};
  return rcode < kNames.size() ? std::string(kNames[rcode]) : "RCODE " + std::to_string(rcode);
}

// One question on a connection and the messages of its answer, each judged as it comes.
class Exchange {
 public:
  static Result<Exchange> begin(const DnsStream& stream, const TsigKey* key, const std::string& zone,
                                std::uint16_t type) {
    Exchange exchange(stream, zone, type);
    exchange.id_ = static_cast<std::uint16_t>(std::random_device{}());
    auto query = format_query(exchange.id_, zone, type);
    if (key != nullptr) {
      auto mac = sign_query(*key, now_s(), query);
      if (!mac) return std::unexpected(mac.error());
      auto verifier = TsigVerifier::begin(*key, *mac);
      if (!verifier) return std::unexpected(verifier.error());
      exchange.verifier_.emplace(std::move(*verifier));
    }
    if (auto status = stream.send(query); !status) return std::unexpected(status.error());
    return exchange;
  }

  Result<DnsMessage> next() {
    auto bytes = stream_->receive();
    if (!bytes) return std::unexpected(bytes.error());
    received_ += bytes->size();
    auto message = parse_dns_message(*bytes);
    if (!message) return message;
    if (auto status = judge(*message); !status) return std::unexpected(status.error());
    if (verifier_) {
      if (auto status = verifier_->take(*bytes, *message, now_s()); !status) return std::unexpected(status.error());
    }
    return message;
  }

  bool is_covered() const noexcept { return !verifier_ || verifier_->is_covered(); }
  std::uint64_t received_bytes() const noexcept { return received_; }

 private:
  Exchange(const DnsStream& stream, const std::string& zone, std::uint16_t type) noexcept
      : stream_(&stream), zone_(&zone), type_(type) {}
  static std::uint64_t now_s() noexcept { return read_clock(CLOCK_REALTIME) / kNanosecondsPerSecond; }

  Status judge(const DnsMessage& message) const {
    const bool is_answer = message.is_response && message.opcode == 0 && message.id == id_ &&
                           (!message.question || (message.question->name == *zone_ && message.question->type == type_));
    if (!is_answer) return fail(ErrorCode::malformed, "what the primary sends is no answer to our question");
    // A reason that a TSIG record gives says more than the code.
    const bool says_why = verifier_ && message.tsig && message.tsig->error != 0;
    if (message.rcode != 0 && !says_why) {
      return fail(ErrorCode::refused, "the primary answers " + name_of_rcode(message.rcode));
    }
    if (message.is_truncated) return fail(ErrorCode::integrity, "the primary says that its answer is truncated");
    return {};
  }

  const DnsStream* stream_;
  const std::string* zone_;
  std::uint16_t type_;
  std::uint16_t id_ = 0;
  std::optional<TsigVerifier> verifier_;
  std::uint64_t received_ = 0;
};

// Where to ask, for what and until when.
struct Place {
  std::string primary;
  std::string zone;  // wire name
  const TsigKey* key;
  Nanoseconds end_monotonic_ns;
};

Result<std::uint32_t> ask_serial(const Place& place) {
  const auto stream = DnsStream::connect(place.primary, place.end_monotonic_ns);
  if (!stream) return std::unexpected(stream.error());
  auto exchange = Exchange::begin(*stream, place.key, place.zone, kTypeSoa);
  if (!exchange) return std::unexpected(exchange.error());
  auto message = exchange->next();
  if (!message) return std::unexpected(message.error());
  const auto soa = std::ranges::find(message->answers, kTypeSoa, &DnsRecord::type);
  if (soa == message->answers.end() || soa->owner != place.zone || soa->rr_class != kClassIn) {
    return fail(ErrorCode::refused, "the primary does not have the zone");
  }
  return soa->serial;
}

Status too_large(std::uint64_t max_size_bytes) {
  return fail(ErrorCode::limit, "the list has more than max_size_bytes = " + std::to_string(max_size_bytes));
}

// The records of a transfer as they come.  RFC 5936 §2.2
class Transfer {
 public:
  Transfer(const std::string& zone, std::uint64_t max_size_bytes) : zone_(&zone), max_size_bytes_(max_size_bytes) {}

  Status take(const DnsMessage& message) {
    if (message.answers.empty()) return fail(ErrorCode::malformed, "a message of the transfer has no record");
    for (const auto& record : message.answers) {
      if (auto status = take(record); !status) return status;
    }
    return {};
  }

  bool is_ended() const noexcept { return is_ended_; }
  std::uint32_t serial() const noexcept { return serial_; }
  std::vector<std::uint8_t> take_text() noexcept { return std::move(text_); }

 private:
  Status take(const DnsRecord& record) {
    ++records_;
    if (is_ended_) return at("behind the SOA that ends the transfer");
    if (record.rr_class != kClassIn) return at("of another class than IN");
    if (!is_within(record.owner, *zone_)) return at("outside the zone");
    const bool is_soa = record.type == kTypeSoa;
    if (records_ == 1 && !is_soa) return fail(ErrorCode::malformed, "the transfer does not begin with a SOA");
    if (is_soa && record.owner != *zone_) return at("a SOA below the zone's name");
    if (is_soa && records_ > 1) {
      if (record.text != soa_)
        return fail(ErrorCode::integrity, "the transfer ends with another SOA than it began with");
      is_ended_ = true;
      return {};
    }
    if (is_soa) {
      soa_ = record.text;
      serial_ = record.serial;
    }
    if (record.text.size() > max_size_bytes_ - text_.size()) return too_large(max_size_bytes_);
    text_.insert(text_.end(), record.text.begin(), record.text.end());
    return {};
  }

  Status at(const char* what) const {
    return fail(ErrorCode::malformed, "record " + std::to_string(records_) + " of the transfer is " + what);
  }

  const std::string* zone_;
  std::uint64_t max_size_bytes_;
  std::uint64_t records_ = 0;
  std::uint32_t serial_ = 0;
  bool is_ended_ = false;
  std::string soa_;
  std::vector<std::uint8_t> text_;
};

// On a connection of its own: some primaries answer one question each.
Status transfer_zone(const Place& place, std::uint64_t max_size_bytes, Transfer& transfer) {
  const auto stream = DnsStream::connect(place.primary, place.end_monotonic_ns);
  if (!stream) return std::unexpected(stream.error());
  auto exchange = Exchange::begin(*stream, place.key, place.zone, kTypeAxfr);
  if (!exchange) return std::unexpected(exchange.error());
  while (!transfer.is_ended()) {
    auto message = exchange->next();
    if (!message) return std::unexpected(message.error());
    if (exchange->received_bytes() > max_size_bytes) return too_large(max_size_bytes);
    if (auto status = transfer.take(*message); !status) return status;
  }
  if (!exchange->is_covered()) return fail(ErrorCode::integrity, "the transfer's last message is not signed");
  return {};
}

// Whether there is something to transfer.
//   errors  refused
Result<bool> is_newer(std::uint32_t held, std::uint32_t offered) {
  switch (order_of_serials(held, offered)) {
    case SerialOrder::same: return false;
    case SerialOrder::newer: return true;
    case SerialOrder::older:
    case SerialOrder::undefined: break;
  }
  return fail(ErrorCode::refused, "the zone's serial " + std::to_string(offered) + " does not follow " +
                                      std::to_string(held) + ", which is held: an old list does not come back");
}

}  // namespace

Result<FetchOutcome> fetch_zone(const FetchRequest& request) {
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + Nanoseconds{request.deadline_ms} * 1'000'000;
  const auto zone = to_wire_name(request.zone);
  if (!zone) return std::unexpected(zone.error().within("zone"));
  std::optional<TsigKey> key;
  if (!request.tsig_key_file.empty()) {
    auto read = read_tsig_key(request.tsig_key_file);
    if (!read) return std::unexpected(read.error());
    key.emplace(std::move(*read));
  }
  const Place place{request.primary, *zone, key ? &*key : nullptr, end};
  const auto held = serial_of(request.etag, request.zone);
  const auto offered = ask_serial(place);
  if (!offered) return std::unexpected(offered.error().within("asking for the zone's serial"));
  if (held) {
    const auto wanted = is_newer(*held, *offered);
    if (!wanted) return std::unexpected(wanted.error());
    if (!*wanted) return NotModified{};
  }
  Transfer transfer(*zone, request.max_size_bytes);
  if (auto status = transfer_zone(place, request.max_size_bytes, transfer); !status) {
    return std::unexpected(status.error());
  }
  if (held) {  // another server behind the same address may have another version
    const auto wanted = is_newer(*held, transfer.serial());
    if (!wanted) return std::unexpected(wanted.error());
    if (!*wanted) return NotModified{};
  }
  RawFeed feed{transfer.take_text(), {}};
  feed.head.etag = etag_of(transfer.serial(), request.zone);
  feed.head.declared_size = static_cast<std::int64_t>(feed.bytes.size());
  feed.head.end_is_marked = true;
  return feed;
}

}  // namespace parapet::lists
