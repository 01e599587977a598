// SPDX-License-Identifier: Apache-2.0
// A head opens for the list and version it was made for, under the right key, and only as it was made.
#include "lists/archive/sealed_head.h"

#include <gtest/gtest.h>
#include <cstring>

#include "sealed_list.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::archive_keys;
using support::key_bytes;

const ArchivedVersion kSealedVersion{"hotline", 7};

ByteView view(const SealedHead& head) { return {reinterpret_cast<const std::uint8_t*>(&head), sizeof head}; }

SealedHead made(const ArchiveKeys& keys) { return make_sealed_head(kSealedVersion, 5, keys.current, key_bytes(100)); }

TEST(SealedHead, OpensAsItWasMade) {
  const auto keys = archive_keys(1);
  const auto head = made(keys);
  const auto data_key = open_sealed_head(view(head), kSealedVersion, keys);
  ASSERT_TRUE(data_key) << data_key.error().context;
  EXPECT_TRUE(std::ranges::equal(data_key->bytes(), key_bytes(100)));
  EXPECT_EQ(read_sealed_head(view(head))->sealed_realtime_ns, 5u);
  EXPECT_NE(std::memcmp(head.nonce, made(keys).nonce, sizeof head.nonce), 0) << "a nonce is used once";
}

TEST(SealedHead, AnotherListVersionOrKeyIsNamed) {
  const auto keys = archive_keys(1);
  const auto head = made(keys);
  EXPECT_EQ(open_sealed_head(view(head), {"hotlin", 7}, keys).error().context, "archive: it is of another list");
  EXPECT_EQ(open_sealed_head(view(head), {"hotline", 8}, keys).error().context, "archive: it is of another version");
  EXPECT_EQ(open_sealed_head(view(head), kSealedVersion, archive_keys(2)).error().context,
            "archive: sealed under a key that is neither archive_key_file nor an old one");
  EXPECT_TRUE(open_sealed_head(view(head), kSealedVersion, archive_keys(2, {3, 1})));
}

TEST(SealedHead, AChangedOneDoesNotOpen) {
  const auto keys = archive_keys(1);
  const auto head = made(keys);
  for (std::size_t bit = 0; bit < sizeof head * 8; ++bit) {
    SealedHead changed = head;
    reinterpret_cast<std::uint8_t*>(&changed)[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const bool is_minor = bit / 8 == 10 || bit / 8 == 11;
    const auto opened = open_sealed_head(view(changed), kSealedVersion, keys);
    ASSERT_FALSE(opened) << bit;
    EXPECT_TRUE(!is_minor || opened.error().code == ErrorCode::integrity) << bit;
  }
  for (std::size_t size = 0; size < sizeof head; ++size) {
    EXPECT_EQ(open_sealed_head(view(head).first(size), kSealedVersion, keys).error().code, ErrorCode::malformed);
  }
  auto renamed = head;  // as if the version before were put into its place
  renamed.number = 8;
  EXPECT_EQ(open_sealed_head(view(renamed), {"hotline", 8}, keys).error().context, "archive: its head was changed");
}

TEST(SealedHead, IsWrappedAnewUnderAnotherKey) {
  const auto head = made(archive_keys(1));
  const auto fresh = rewrap_sealed_head(view(head), kSealedVersion, archive_keys(2, {1}));
  ASSERT_TRUE(fresh);
  const auto data_key = open_sealed_head(view(*fresh), kSealedVersion, archive_keys(2));
  ASSERT_TRUE(data_key);
  EXPECT_TRUE(std::ranges::equal(data_key->bytes(), key_bytes(100)));
  EXPECT_EQ(fresh->sealed_realtime_ns, 5u);
}

TEST(ArchiveKeyFile, IsMadeOnceAndPrivate) {
  const support::TempFolder folder;
  const auto path = folder.file("archive.key");
  const auto made_key = ArchiveKey::load_or_create(path);
  ASSERT_TRUE(made_key) << made_key.error().context;
  EXPECT_EQ(folder.read("archive.key"), std::string(text_of(made_key->bytes())));
  EXPECT_EQ(ArchiveKey::load(path)->id(), made_key->id());
  EXPECT_EQ(ArchiveKey::load(folder.write("open", std::string(32, 'k'), 0640)).error().code, ErrorCode::permission);
  EXPECT_EQ(ArchiveKey::load(folder.write("short", std::string(31, 'k'))).error().code, ErrorCode::malformed);
  EXPECT_EQ(ArchiveKey::load(folder.write("zeros", std::string(32, '\0'))).error().context,
            "archive key " + folder.file("zeros") + " is all zeros");
  EXPECT_EQ(ArchiveKey::load(folder.file("none")).error().code, ErrorCode::not_found);
  EXPECT_NE(ArchiveKey::random()->id(), ArchiveKey::random()->id());
}

}  // namespace
}  // namespace parapet::lists
