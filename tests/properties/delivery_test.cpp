// SPDX-License-Identifier: Apache-2.0
// However a message is cut, ordered, doubled and mixed with others: the verdict is that of the message in one piece.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>  // wants gtest before it

#include <algorithm>
#include <ostream>
#include <utility>

#include "message_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

enum class Form { get, post, chunked, pipelined, hello, hello_in_records };
constexpr std::size_t kStreams = 4;  // that are under way at once

// What one client says, and how its segments travel.
struct Delivery {
  Form form;
  bool listed;
  bool ipv6;
  std::uint16_t size;                // of padding or a body
  std::vector<std::uint16_t> cuts;   // places modulo the length
  std::vector<std::uint16_t> order;  // the segments' sort keys, by their number modulo the count
  std::vector<std::uint16_t> twice;  // segments that come again, likewise
  std::uint8_t acknowledged;         // after so many segments the server acknowledges; 0: never
};

// What a failed property is shown as.
std::ostream& operator<<(std::ostream& out, const Delivery& delivery) {
  out << "form " << static_cast<int>(delivery.form) << (delivery.listed ? " listed" : "")
      << (delivery.ipv6 ? " ipv6" : "") << " size " << delivery.size << " acknowledged "
      << static_cast<int>(delivery.acknowledged);
  for (const auto& [name, numbers] :
       {std::pair{" cuts", &delivery.cuts}, {" order", &delivery.order}, {" twice", &delivery.twice}}) {
    out << name;
    for (const std::uint16_t number : *numbers) out << ' ' << number;
  }
  return out << '\n';
}

std::string message_of(const Delivery& delivery) {
  const std::string& host = delivery.listed ? kListed : kOther;
  const std::size_t size = delivery.size % 2000;
  switch (delivery.form) {
    case Form::get: return support::get(host, "/" + std::string(size, 'p'));
    case Form::post: return support::post(kOther, std::string(size, 'b')) + support::get(host);
    case Form::chunked: return support::post_chunked(kOther, std::string(size, 'c'), 97) + support::get(host);
    case Form::pipelined: return support::get(kOther) + support::get(kOther, "/2") + support::get(host);
    case Form::hello: return support::to_text(support::client_hello(host, size));
    case Form::hello_in_records: return support::to_text(support::client_hello(host, size, 1 + delivery.size % 90));
  }
  return {};
}

std::uint16_t pick(const std::vector<std::uint16_t>& from, std::size_t index) {
  return from.empty() ? std::uint16_t{0} : from[index % from.size()];
}

// The segments in the order in which they are sent; in the end all once more, as TCP would what was not acknowledged.
std::vector<Sent> segments_of(const TcpConversation& talk, const std::string& message, const Delivery& delivery) {
  std::vector<std::size_t> edges{0, message.size()};
  for (const std::uint16_t cut : delivery.cuts) edges.push_back(cut % message.size());
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::vector<Sent> in_order;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    in_order.push_back(talk.data(edges[i], std::string_view(message).substr(edges[i], edges[i + 1] - edges[i])));
  }
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < in_order.size(); ++i) numbers.push_back(i);
  for (const std::uint16_t again : delivery.twice) numbers.push_back(again % in_order.size());
  std::sort(numbers.begin(), numbers.end(), [&](std::size_t a, std::size_t b) {
    return std::pair{pick(delivery.order, a), a} < std::pair{pick(delivery.order, b), b};
  });
  std::vector<Sent> all;
  for (const std::size_t number : numbers) all.push_back(in_order[number]);
  all.insert(all.end(), in_order.begin(), in_order.end());
  return all;
}

Ends ends_of(const Delivery& delivery, std::uint32_t number) {
  const auto port = static_cast<std::uint16_t>(1024 + number % 60000);
  return delivery.ipv6 ? Ends{"2001:db8::10", "2001:db8:1::20", port, 443}
                       : Ends{"192.0.2.10", "198.51.100.20", port, 80};
}

// One client on its way.
struct Talk {
  // `number`: of the talk; ends come again, numbers do not.
  Talk(const Delivery& how, std::uint32_t number)
      : delivery(how),
        conversation(ends_of(how, number), number * 2654435761u, number * 2246822519u),
        message(message_of(how)),
        segments(segments_of(conversation, message, how)),
        server(conversation.seq(0)) {}

  // Sends the next segment; false: all are sent.
  bool go_on(Rig& rig) {
    if (next == segments.size()) return false;
    const Sent& sent = segments[next++];
    const Seen seen = rig.send(sent);
    if (seen.forwarded()) server.take(seen.bytes);
    untouched &= seen.forwarded() && seen.bytes == sent.bytes && seen.injections.empty();
    if (delivery.acknowledged != 0 && next % delivery.acknowledged == 0) {
      rig.send(conversation.server_ack(server.stream().size()));
    }
    return true;
  }
  // Whether the server has the request that was in question; what is before it may have come.
  bool is_served() const { return server.stream().size() == message.size(); }

  Delivery delivery;
  TcpConversation conversation;
  std::string message;
  std::vector<Sent> segments;
  Receiver server;
  std::size_t next = 0;
  bool untouched = true;
};

Rig& rig() {
  static Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, [] {
    PipelineOptions options;
    options.records = 4096;  // room for the streams of five minutes
    options.messages = 2048;
    return options;
  }());
  return rig;
}

rc::Gen<Delivery> deliveries() {
  using rc::gen::arbitrary;
  return rc::gen::build<Delivery>(
      rc::gen::set(&Delivery::form, rc::gen::element(Form::get, Form::post, Form::chunked, Form::pipelined, Form::hello,
                                                     Form::hello_in_records)),
      rc::gen::set(&Delivery::listed), rc::gen::set(&Delivery::ipv6), rc::gen::set(&Delivery::size),
      rc::gen::set(&Delivery::cuts), rc::gen::set(&Delivery::order), rc::gen::set(&Delivery::twice),
      rc::gen::set(&Delivery::acknowledged, rc::gen::inRange<std::uint8_t>(0, 9)));
}

RC_GTEST_PROP(Delivery, NeverChangesTheVerdict, ()) {
  static std::uint32_t number = 0;
  const auto how = *rc::gen::container<std::vector<Delivery>>(kStreams, deliveries());
  std::vector<Talk> talks;
  for (const Delivery& delivery : how) talks.emplace_back(delivery, ++number);
  for (const Talk& talk : talks) {
    for (const Sent& sent : talk.conversation.handshake()) rig().send(sent);
  }
  for (bool more = true; more;) {
    more = false;
    for (Talk& talk : talks) more |= talk.go_on(rig());
  }
  for (const Talk& talk : talks) {
    RC_ASSERT(talk.is_served() == !talk.delivery.listed);
    RC_ASSERT(talk.untouched == !talk.delivery.listed);
    RC_ASSERT(talk.server.stream() == talk.message.substr(0, talk.server.stream().size()));
  }
  rig().wait(kNanosecondsPerSecond);
}

TEST(Delivery, LeavesNothingUninspected) {
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    EXPECT_EQ(rig().uninspected(static_cast<UninspectedReason>(i)), 0u) << kUninspectedNames[i];
  }
}

}  // namespace
}  // namespace parapet::packet
