// SPDX-License-Identifier: Apache-2.0
// The control socket: who may connect, one line in and one line out, clients that misbehave.
#include "control/socket_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstring>
#include <filesystem>
#include <vector>

#include "temp_folder.h"

namespace parapet::control {
namespace {

class SocketServerTest : public testing::Test {
 protected:
  Fd connect() const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{10, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
  }
  static void send(const Fd& fd, std::string_view text) {
    static_cast<void>(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL));
  }
  static void pass(const Fd& fd, std::string_view text, std::vector<int> files) {
    std::vector<char> control(CMSG_SPACE(files.size() * sizeof(int)));
    iovec place{const_cast<char*>(text.data()), text.size()};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
    std::memcpy(CMSG_DATA(part), files.data(), files.size() * sizeof(int));
    EXPECT_GT(::sendmsg(fd.get(), &message, MSG_NOSIGNAL), 0);
  }
  static std::string read_line(const Fd& fd) {
    std::string line;
    char c = 0;
    while (::recv(fd.get(), &c, 1, 0) == 1 && c != '\n') line += c;
    return line;
  }
  static Answer echo() {
    return [](std::string_view line, const Fd&) { return "<" + std::string(line) + ">"; };
  }

  support::TempFolder folder;
  std::string path = folder.file("control.sock");
};

TEST_F(SocketServerTest, AnswersLineByLineHoweverTheyAreCut) {
  auto server = SocketServer::open(path, "");
  ASSERT_TRUE(server) << server.error().context;
  server->serve(echo());
  const Fd client = connect();
  send(client, "one\ntwo\nthr");
  EXPECT_EQ(read_line(client), "<one>");
  EXPECT_EQ(read_line(client), "<two>");
  send(client, "ee\n");
  EXPECT_EQ(read_line(client), "<three>");
}

TEST_F(SocketServerTest, ServesSeveralClientsAndForgetsThoseThatLeave) {
  auto server = SocketServer::open(path, "");
  ASSERT_TRUE(server);
  server->serve(echo());
  const Fd silent = connect();
  for (int i = 0; i < 40; ++i) {
    const Fd client = connect();
    send(client, "x\n");
    EXPECT_EQ(read_line(client), "<x>");
  }
}

TEST_F(SocketServerTest, ALineThatIsTooLongEndsTheConnection) {
  auto server = SocketServer::open(path, "");
  ASSERT_TRUE(server);
  server->serve(echo());
  const Fd client = connect();
  send(client, std::string(kMaxQuestion + 1, 'x'));
  EXPECT_EQ(read_line(client), "");
  const Fd other = connect();
  send(other, "y\n");
  EXPECT_EQ(read_line(other), "<y>");
}

TEST_F(SocketServerTest, AFileGoesWithItsLineAndNoneStaysOpen) {
  auto server = SocketServer::open(path, "");
  ASSERT_TRUE(server);
  server->serve([](std::string_view, const Fd& passed) {
    char text[4] = {};
    return !passed.valid() ? "none" : ::pread(passed.get(), text, 3, 0) == 3 ? std::string(text) : "unreadable";
  });
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator{});
  };
  folder.write("a", "one");
  folder.write("b", "two");
  const Fd first(::open(folder.file("a").c_str(), O_RDONLY | O_CLOEXEC));
  const Fd second(::open(folder.file("b").c_str(), O_RDONLY | O_CLOEXEC));
  {
    const Fd client = connect();
    send(client, "x\n");
    EXPECT_EQ(read_line(client), "none");
    const auto before = open_files();
    pass(client, "x", {first.get(), second.get()});
    send(client, "\n");
    EXPECT_EQ(read_line(client), "two");
    send(client, "y\n");
    EXPECT_EQ(read_line(client), "none") << "the file went with the line before";
    pass(client, "y\n", {first.get(), second.get(), first.get(), second.get(), first.get(), second.get()});
    EXPECT_NE(read_line(client), "none");
    send(client, "y\n");
    EXPECT_EQ(read_line(client), "none");
    EXPECT_EQ(open_files(), before);
  }
}

TEST_F(SocketServerTest, BelongsToRootAloneWithoutAGroup) {
  auto server = SocketServer::open(path, "");
  ASSERT_TRUE(server);
  EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(path).permissions()), 0600u);
}

TEST_F(SocketServerTest, AGroupThatIsNotThereIsNamed) {
  const auto server = SocketServer::open(path, "no-such-group-here");
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::invalid_config);
  EXPECT_NE(server.error().context.find("no-such-group-here"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SocketServerTest, ALivingOwnerKeepsItsSocketAndADeadOneDoesNot) {
  {
    auto server = SocketServer::open(path, "");
    ASSERT_TRUE(server);
    const auto second = SocketServer::open(path, "");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::refused);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const Fd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  EXPECT_TRUE(SocketServer::open(path, ""));
  folder.write("control.sock", "a file");
  EXPECT_EQ(SocketServer::open(path, "").error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace parapet::control
