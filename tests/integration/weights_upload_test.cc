#include "client/lib/weights_upload.h"

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/file.h"
#include "common/grpc_status.h"
#include "common/sha256.h"
#include "tests/client/lib/fake_services.h"
#include "tests/integration/weights_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class WeightsUploadTest : public WeightsTest {
 protected:
  std::string StoredPath(const std::string& sha256) {
    return dir_.Join("data/artifacts/" + sha256.substr(0, 2) + "/" + sha256);
  }

  // Uploads the first `bytes` of `content` and ends there.
  static absl::Status SendBeginning(Client& client, const std::string& content, size_t bytes) {
    grpc::ClientContext context;
    v1::UploadArtifactResponse response;
    const auto stream = client.artifacts().UploadArtifact(&context, &response);
    v1::UploadArtifactRequest message;
    message.set_sha256(Sha256Hex(content));
    message.set_size_bytes(static_cast<int64_t>(content.size()));
    message.set_data(content.substr(0, bytes));
    stream->Write(message);
    stream->WritesDone();
    return FromGrpc(stream->Finish());
  }
};

TEST_F(WeightsUploadTest, FileIsSentOnceAndToldOf) {
  const std::string content(2'500'000, 'w');
  const v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", content));
  std::vector<int64_t> told;
  Client client = NewClient();
  const auto listener = [&](const std::string& path, int64_t sent, int64_t size) {
    EXPECT_THAT(path, HasSubstr("w.safetensors"));
    EXPECT_EQ(size, 2'500'000);
    told.push_back(sent);
    return absl::OkStatus();
  };
  ASSERT_THAT(UploadWeights(client, spec, listener), IsOk());
  EXPECT_EQ(told.front(), 0);
  EXPECT_EQ(told.back(), 2'500'000);
  EXPECT_THAT(ReadFile(StoredPath(Sha256Hex(content)), 3'000'000), IsOkAndHolds(content));
  told.clear();
  ASSERT_THAT(UploadWeights(client, spec, listener), IsOk());
  EXPECT_TRUE(told.empty());
}

TEST_F(WeightsUploadTest, ShardsGoWithTheirListAndIndex) {
  const v1::JobSpec spec = SpecWith(WriteShards());
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  const auto list = ReadFile(StoredPath(spec.baselines(0).weights_sha256()), 1000);
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->size(), 3 * 64U);
  EXPECT_EQ(list->substr(64, 64), Sha256Hex("first shard"));
  EXPECT_TRUE(std::filesystem::exists(StoredPath(Sha256Hex("first shard"))));
}

TEST_F(WeightsUploadTest, FileThatChangedMeanwhileIsTold) {
  const v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", "before"));
  dir_.Write("w.safetensors", "after!");
  EXPECT_THAT(Upload(NewClient(), spec),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has changed")));
}

TEST_F(WeightsUploadTest, ShardThatChangedMeanwhileIsTold) {
  const v1::JobSpec spec = SpecWith(WriteShards());
  dir_.Write("model-1.safetensors", "other shard");
  EXPECT_THAT(Upload(NewClient(), spec),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has changed")));
}

TEST_F(WeightsUploadTest, ListenerMayStopItAndItGoesOnLater) {
  const std::string content(3'000'000, 'w');
  const v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", content));
  Client client = NewClient();
  EXPECT_THAT(UploadWeights(client, spec,
                            [](const std::string&, int64_t sent, int64_t) {
                              return sent < 2'000'000 ? absl::OkStatus()
                                                      : absl::CancelledError("enough");
                            }),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("enough")));
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  EXPECT_TRUE(std::filesystem::exists(StoredPath(Sha256Hex(content))));
}

// The last pieces of a stream that was given up may arrive after the next sender has asked.
TEST_F(WeightsUploadTest, SizeThatGrewSinceItWasAskedForIsAskedForAgain) {
  const std::string content(3'000'000, 'w');
  const v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", content));
  Client client = NewClient();
  Client late = NewClient();
  bool is_sent = false;
  const auto send_late = [&](const std::string&, int64_t, int64_t) {
    if (!is_sent) {
      is_sent = true;
      EXPECT_THAT(SendBeginning(late, content, 1'000'000), IsOk());
    }
    return absl::OkStatus();
  };
  ASSERT_THAT(UploadWeights(client, spec, send_late), IsOk());
  EXPECT_THAT(ReadFile(StoredPath(Sha256Hex(content)), 4'000'000), IsOkAndHolds(content));
}

TEST_F(WeightsUploadTest, TwoAtOnceBothEndWell) {
  const v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", std::string(8'000'000, 'w')));
  std::vector<absl::Status> ends(2);
  std::thread other([&] { ends[1] = Upload(NewClient(), spec); });
  ends[0] = Upload(NewClient(), spec);
  other.join();
  EXPECT_THAT(ends[0], IsOk());
  EXPECT_THAT(ends[1], IsOk());
  EXPECT_TRUE(std::filesystem::exists(StoredPath(spec.baselines(0).weights_sha256())));
}

TEST_F(WeightsUploadTest, JobWithoutWeightsSendsNothing) {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("bert");
  Stop();  // nobody is asked
  EXPECT_THAT(Upload(NewClient(), spec), IsOk());
}

TEST_F(WeightsUploadTest, OlderCoordinatorIsLeftToFindThem) {
  FakeCoordinator older;
  Client client(older.Channel(), {.server = "older", .revive = nullptr, .sleep = nullptr});
  const v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", "local"));
  EXPECT_THAT(Upload(std::move(client), spec), IsOk());
}

}  // namespace
}  // namespace cusp::client
