// SPDX-License-Identifier: Apache-2.0
// Writing requests.
#include "app/cli/request_report.h"

#include <arpa/inet.h>
#include <nlohmann/json.hpp>

namespace parapet::cli {
namespace {

std::string address_text(const std::array<std::uint8_t, 16>& address, bool is_ipv4) {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_ipv4) {
    ::inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

// HTTP: the Host field, as what stands in the target is seen there.
std::string host_text(const packet::RequestSink::Seen& seen) {
  if (seen.protocol == Protocol::dns) return seen.host.empty() ? "<root>" : escape_dns_name(seen.host);
  return std::string(text_of(seen.protocol == Protocol::http ? seen.host_field : seen.host));
}

// The target as the request says it; of a URL's scheme only that it is one is known.
std::string target_text(const packet::RequestSink::Seen& seen) {
  const std::string host(text_of(seen.host)), target(text_of(seen.target));
  switch (seen.target_form) {
    case packet::TargetForm::origin: break;
    case packet::TargetForm::absolute: return "http://" + host + target;
    case packet::TargetForm::authority: return host;
  }
  return target;
}

std::string join(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : " ") + part;
  return all;
}

std::vector<TextTable::Column> columns_for(const ReportStyle& style) {
  std::vector<TextTable::Column> columns{{"file"}, {"frame", Align::right}, {"protocol"}, {"verdict"}, {"entries"}};
  if (style.show_requests) {
    for (const char* title : {"from", "to", "host", "target"}) columns.push_back({title});
  }
  return columns;
}

}  // namespace

std::string escape_dns_name(ByteView dotted) {
  std::string text;
  for (const std::uint8_t byte : dotted) {
    if (byte > 0x20 && byte < 0x7f && byte != '\\') {
      text += static_cast<char>(byte);
      continue;
    }
    text += '\\';
    for (const unsigned power : {100U, 10U, 1U}) text += static_cast<char>('0' + byte / power % 10);
  }
  return text;
}

RequestReport::RequestReport(std::ostream& out, const ReplayLists& lists, ReportStyle style)
    : out_(out), lists_(lists), style_(style), table_(columns_for(style)) {}

void RequestReport::begin_file(std::string name) { file_ = std::move(name); }

void RequestReport::request(const Seen& seen) {
  ++counts_[index_of(seen.protocol)][index_of(seen.verdict)];
  const std::uint64_t frame = seen.frame < frame_numbers_.size() ? frame_numbers_[seen.frame] : 0;
  const auto entries = lists_.entries_of({seen.protocol, seen.host, seen.target}, seen.matched);
  if (style_.json) {
    write_json(seen, frame, entries);
  } else {
    add_row(seen, frame, entries);
  }
}

void RequestReport::write_json(const Seen& seen, std::uint64_t frame, const std::vector<std::string>& entries) {
  nlohmann::ordered_json line{{"file", file_},
                              {"frame", frame},
                              {"protocol", name_of(seen.protocol)},
                              {"verdict", name_of(seen.verdict)},
                              {"entries", entries}};
  if (style_.show_requests) {
    line["src"] = address_text(seen.flow->source, seen.flow->is_ipv4);
    line["sport"] = seen.flow->source_port;
    line["dst"] = address_text(seen.flow->destination, seen.flow->is_ipv4);
    line["dport"] = seen.flow->destination_port;
    line["host"] = host_text(seen);
    line["target"] = target_text(seen);
  }
  // Names come from the wire: what is no UTF-8 becomes U+FFFD.
  out_ << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void RequestReport::add_row(const Seen& seen, std::uint64_t frame, const std::vector<std::string>& entries) {
  std::vector<std::string> cells{file_, std::to_string(frame), std::string(name_of(seen.protocol)),
                                 std::string(name_of(seen.verdict)), entries.empty() ? "-" : join(entries)};
  if (style_.show_requests) {
    const auto end = [&](const auto& address, std::uint16_t port) {
      return address_text(address, seen.flow->is_ipv4) + " " + std::to_string(port);
    };
    cells.push_back(end(seen.flow->source, seen.flow->source_port));
    cells.push_back(end(seen.flow->destination, seen.flow->destination_port));
    cells.push_back(host_text(seen));
    cells.push_back(target_text(seen));
  }
  table_.add(std::move(cells));
}

void RequestReport::finish() {
  if (style_.json) return;
  if (!table_.empty()) table_.print(out_, "");
}

}  // namespace parapet::cli
