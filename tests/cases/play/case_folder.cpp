// SPDX-License-Identifier: Apache-2.0
// Reading case.toml; what it does not know is an error.
#include "case_folder.h"

#include <toml++/toml.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace parapet::cases {
namespace {

const std::map<std::string, Language> kLanguages{{"http", Language::http},
                                                 {"tls", Language::tls},
                                                 {"dns", Language::dns},
                                                 {"dns-tcp", Language::dns_tcp},
                                                 {"h2", Language::remembered_stream},
                                                 {"quic", Language::remembered_datagrams}};
const std::map<std::string, Asks> kAsks{
    {"host", Asks::host}, {"domain", Asks::domain}, {"url", Asks::url}, {"prefix", Asks::prefix}};
const std::map<Language, std::uint16_t> kPorts{{Language::http, 80},
                                               {Language::tls, 443},
                                               {Language::dns, 53},
                                               {Language::dns_tcp, 53},
                                               {Language::remembered_stream, 80},
                                               {Language::remembered_datagrams, 443}};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

template <typename T>
T word_in(const std::map<std::string, T>& words, const std::string& word) {
  const auto found = words.find(word);
  if (found == words.end()) throw std::runtime_error("no such word: " + word);
  return found->second;
}

// Keys are taken out one by one; what is left was not known.
class Keys {
 public:
  explicit Keys(toml::table& table) : table_(table) {}

  template <typename T>
  T take(const std::string& key, T fallback) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return fallback;
    const auto value = node->value<T>();
    if (!value) throw std::runtime_error(key + " has another type");
    table_.erase(key);
    return *value;
  }
  std::string text(const std::string& key) {
    if (!table_.contains(key)) throw std::runtime_error(key + " is missing");
    return take<std::string>(key, "");
  }
  // A string, or an array of them.
  std::vector<std::string> texts(const std::string& key) {
    std::vector<std::string> out;
    if (const toml::array* array = table_[key].as_array()) {
      for (const toml::node& node : *array) out.push_back(node.value<std::string>().value());
      table_.erase(key);
    } else if (table_.contains(key)) {
      out.push_back(take<std::string>(key, ""));
    }
    return out;
  }
  void finish() const {
    for (const auto& [key, value] : table_) throw std::runtime_error("no such key: " + std::string(key.str()));
  }

 private:
  toml::table& table_;
};

void read_messages(Keys& keys, const std::filesystem::path& folder, CaseFolder& out) {
  const std::vector<std::string> files = keys.texts("message");
  const std::string asks = keys.take<std::string>("asks", "host");
  const auto port = static_cast<std::uint16_t>(keys.take<std::int64_t>("port", 0));
  if (files.empty()) return;
  if (out.carries.size() != 1) throw std::runtime_error("a message is of one language");
  const Language language = *out.carries.begin();
  for (const std::string& file : files) {
    out.messages.push_back({files.size() == 1 ? "" : file, language, word_in(kAsks, asks), read_text(folder / file),
                            port != 0 ? port : kPorts.at(language)});
  }
}

CaseFolder read_keys(toml::table& table, const std::filesystem::path& folder) {
  CaseFolder out;
  Keys keys(table);
  out.name = folder.filename().string();
  out.row = keys.text("row");
  out.title = keys.text("title");
  out.origin = keys.text("origin");
  out.endpoint = keys.text("endpoint");
  for (const std::string& language : keys.texts("carries")) out.carries.insert(word_in(kLanguages, language));
  read_messages(keys, folder, out);
  out.steps = parse_script(keys.take<std::string>("steps", ""));
  out.carriers = keys.texts("carriers");
  const std::string family = keys.take<std::string>("family", "both");
  if (family != "ipv6") out.ipv6.push_back(false);
  if (family != "ipv4") out.ipv6.push_back(true);
  for (const std::string& reason : keys.texts("drops")) out.drops.insert(reason);
  for (const std::string& action : keys.texts("alters")) out.alters.insert(action);
  out.combines = keys.take<bool>("combines", true);
  out.served = keys.take<bool>("served", true);
  out.blocks = keys.take<bool>("blocks", true);
  out.uninspected = keys.take<std::string>("uninspected", "");
  out.server_seen = keys.take<bool>("server_seen", true);
  out.fast_open = keys.take<bool>("fast_open", false);
  out.hops = static_cast<unsigned>(keys.take<std::int64_t>("hops", 3));
  keys.finish();
  if (out.messages.empty() && out.steps.empty() && out.carriers.empty()) throw std::runtime_error("it does nothing");
  return out;
}

}  // namespace

CaseFolder read_case_folder(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "case.toml";
  try {
    toml::table table = toml::parse_file(file.string());
    return read_keys(table, folder);
  } catch (const std::exception& error) {
    throw std::runtime_error(file.string() + ": " + error.what());
  }
}

std::vector<MessageText> read_plain_messages(const std::filesystem::path& folder) {
  constexpr std::array<std::pair<const char*, Language>, 5> kPlain{{{"http.txt", Language::http},
                                                                    {"tls.txt", Language::tls},
                                                                    {"dns.txt", Language::dns},
                                                                    {"dns_tcp.txt", Language::dns_tcp},
                                                                    {"quic.txt", Language::remembered_datagrams}}};
  std::vector<MessageText> out;
  for (const auto& [file, language] : kPlain) {
    out.push_back({file, language, Asks::host, read_text(folder / file), kPorts.at(language)});
  }
  return out;
}

MessageText read_cut_quic(const std::filesystem::path& folder, std::size_t cut) {
  std::string text = read_text(folder / "quic_cut.txt");
  for (std::size_t at; (at = text.find("CUT")) != std::string::npos;) text.replace(at, 3, std::to_string(cut));
  return {"quic_cut.txt", Language::remembered_datagrams, Asks::host, text, kPorts.at(Language::remembered_datagrams)};
}

std::vector<Step> plain_steps() { return parse_script("handshake\nclient 0..end\n"); }

bool is_datagram(Language language) { return language == Language::dns || language == Language::remembered_datagrams; }

}  // namespace parapet::cases
