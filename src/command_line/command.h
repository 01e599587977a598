// SPDX-License-Identifier: Apache-2.0
// What a program is called with: commands, their options and flags, and --help. CLI11's headers are read in command.cpp
// alone: each file that reads them takes ten seconds to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace parapet::command_line {

// An option of a command; lives as long as the command line.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option required(bool is_required = true);
  Option one_of(const std::vector<std::string>& values);
  Option between(std::uint64_t least, std::uint64_t most);
  Option show_default();  // the value it has now, in --help

 private:
  CLI::Option* option_;
};

// A command; lives as long as the command line. A name without dashes stands for an argument by position. What values
// are written to must live as long.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command add_command(const std::string& name, const std::string& description);
  void require_command();  // one of those added must be given
  void set_footer(const std::string& footer);
  Option add_option(const std::string& name, std::string& value, const std::string& help);
  Option add_option(const std::string& name, std::uint64_t& value, const std::string& help);
  // By position it takes all that is left; an option takes one value each time it is given.
  Option add_option(const std::string& name, std::vector<std::string>& values, const std::string& help);
  void add_flag(const std::string& name, bool& value, const std::string& help);
  void call(std::function<void()> function);  // once all is read, where this command was given

 private:
  CLI::App* app_;
};

// A whole command line; --help and --version come with it.
class CommandLine {
 public:
  CommandLine(const std::string& description, const std::string& name);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command root() { return Command(app_.get()); }

  // Reads the arguments and calls the command's function. What is wrong with them is told on standard error, --help and
  // --version on standard output.
  //   out  the exit status where there is nothing left to do: 0 after --help and --version, otherwise wrong arguments
  std::optional<int> parse(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace parapet::command_line
