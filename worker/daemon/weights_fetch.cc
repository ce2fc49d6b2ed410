#include "worker/daemon/weights_fetch.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>

#include "catalog/weights_index.h"
#include "common/file.h"
#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "worker/daemon/backoff.h"

namespace cusp::worker {
namespace {

constexpr size_t kHashDigits = 64;
constexpr size_t kMaxListBytes = size_t{1} << 20U;
constexpr int kMaxWrong = 2;  // whole transfers of other bytes
// While another worker of this machine collects the same file.
constexpr std::chrono::milliseconds kPoll{200};
constexpr char kIndexName[] = "model.safetensors.index.json";

class Fetcher {
 public:
  Fetcher(Coordinator& coordinator, const WeightsCache& cache,
          const std::function<bool()>& given_up)
      : coordinator_(coordinator), cache_(cache), given_up_(given_up) {}

  FetchedWeights Take() { return std::move(fetched_); }

  // Path of the variant's weights; nothing where the coordinator has none.
  absl::StatusOr<std::optional<std::string>> PathOf(const v1::VariantSpec& variant) {
    CUSP_ASSIGN_OR_RETURN(const bool is_there, Get(variant.weights_sha256()));
    if (!is_there) {
      return std::optional<std::string>();
    }
    if (!catalog::IsWeightsIndex(variant.weights_path())) {
      return std::optional<std::string>(cache_.PathOf(variant.weights_sha256()));
    }
    return PathOfIndex(variant.weights_sha256());
  }

 private:
  // Weights in shards come as the list of their digests, that of the index first.
  absl::StatusOr<std::optional<std::string>> PathOfIndex(const std::string& list_sha256) {
    CUSP_ASSIGN_OR_RETURN(const std::string list,
                          ReadFile(cache_.PathOf(list_sha256), kMaxListBytes));
    std::vector<std::string> digests;
    for (size_t at = 0; at < list.size(); at += kHashDigits) {
      digests.push_back(list.substr(at, kHashDigits));
      CUSP_ASSIGN_OR_RETURN(const bool is_there, Get(digests.back()));
      if (!is_there) {
        return absl::DataLossError(
            "the coordinator has not all files of the weights; submit the "
            "job again to send them");
      }
    }
    if (digests.empty()) {
      return absl::DataLossError("the list of the weights' files is empty");
    }
    CUSP_ASSIGN_OR_RETURN(const catalog::WeightsIndex index,
                          catalog::ReadWeightsIndex(cache_.PathOf(digests.front())));
    std::vector<std::pair<std::string, std::string>> names = {{kIndexName, digests.front()}};
    for (const auto& [file, tensors] : index) {
      if (names.size() == digests.size() || file == kIndexName) {
        break;
      }
      names.emplace_back(file, digests[names.size()]);
    }
    if (names.size() != index.size() + 1 || names.size() != digests.size()) {
      return absl::DataLossError("the index of the weights names other files than were sent");
    }
    CUSP_ASSIGN_OR_RETURN(WeightsCache::View view, cache_.MakeView(names));
    fetched_.views.push_back(std::move(view));
    return std::optional<std::string>(fetched_.views.back().path() + "/" + kIndexName);
  }

  // Pins a file, fetched where it is not in the cache. False where the coordinator lacks it.
  absl::StatusOr<bool> Get(const std::string& sha256) {
    CUSP_ASSIGN_OR_RETURN(const std::optional<int64_t> size, SizeOf(sha256));
    if (!size.has_value()) {
      return false;
    }
    CUSP_RETURN_IF_ERROR(cache_.Make());
    for (int wrong = 0;;) {
      if (auto pin = cache_.Pin(sha256, *size)) {
        fetched_.pins.push_back(*std::move(pin));
        return true;
      }
      const absl::Status fetched = Fetch(sha256, *size);
      if (absl::IsAborted(fetched)) {
        std::this_thread::sleep_for(kPoll);
      } else if (absl::IsDataLoss(fetched) && ++wrong < kMaxWrong) {
        spdlog::warn("weights {}: {}", sha256, std::string(fetched.message()));
      } else {
        CUSP_RETURN_IF_ERROR(fetched);
      }
      if (given_up_()) {
        return absl::CancelledError("stopped");
      }
    }
  }

  absl::StatusOr<std::optional<int64_t>> SizeOf(const std::string& sha256) {
    Backoff backoff(std::hash<std::string>()(sha256));
    while (true) {
      const auto known = coordinator_.StatArtifact(sha256);
      if (known.ok()) {
        return known->complete() ? std::optional<int64_t>(known->size_bytes()) : std::nullopt;
      }
      if (absl::IsUnimplemented(known.status())) {
        return std::optional<int64_t>();  // an older one
      }
      CUSP_RETURN_IF_ERROR(WaitAfter(known.status(), backoff));
    }
  }

  // Collects the whole file; ABORTED where another worker does.
  absl::Status Fetch(const std::string& sha256, int64_t size) {
    CUSP_ASSIGN_OR_RETURN(GrowingFile file, cache_.Begin(sha256, size));
    spdlog::info("fetching weights {}: {} of {} bytes are there", sha256, file.size(), size);
    Backoff backoff(std::hash<std::string>()(sha256));
    while (file.size() < size) {
      const int64_t before = file.size();
      const absl::Status status = coordinator_.Download(
          sha256, before, [&](const v1::DownloadArtifactResponse& piece) -> absl::Status {
            if (piece.offset() != file.size() || piece.size_bytes() != size ||
                static_cast<int64_t>(piece.data().size()) > size - file.size()) {
              return absl::DataLossError("the coordinator sends other pieces than were asked for");
            }
            CUSP_RETURN_IF_ERROR(file.Append(piece.data()));
            return given_up_() ? absl::FailedPreconditionError("stopped") : absl::OkStatus();
          });
      if (given_up_()) {
        return absl::CancelledError("stopped");
      }
      if (file.size() > before) {
        backoff.Reset();
      } else {
        CUSP_RETURN_IF_ERROR(WaitAfter(status, backoff));
      }
    }
    return file.Publish(sha256, cache_.PathOf(sha256));
  }

  // An error that no wait mends, or CANCELLED.
  absl::Status WaitAfter(const absl::Status& status, Backoff& backoff) {
    const bool mends = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
                       absl::IsCancelled(status) || status.ok();
    if (!mends) {
      return status;
    }
    if (backoff.tries() == 0) {
      spdlog::warn("weights wait for the coordinator: {}", std::string(status.message()));
    }
    const auto until = std::chrono::steady_clock::now() + backoff.Next();
    while (std::chrono::steady_clock::now() < until) {
      if (given_up_()) {
        return absl::CancelledError("stopped");
      }
      std::this_thread::sleep_for(
          std::min<std::chrono::nanoseconds>(kPoll, until - std::chrono::steady_clock::now()));
    }
    return absl::OkStatus();
  }

  Coordinator& coordinator_;
  const WeightsCache& cache_;
  const std::function<bool()>& given_up_;
  FetchedWeights fetched_;
};

}  // namespace

absl::StatusOr<FetchedWeights> FetchWeights(v1::JobSpec& spec, Coordinator& coordinator,
                                            const WeightsCache& cache,
                                            const std::function<bool()>& given_up) {
  Fetcher fetcher(coordinator, cache, given_up);
  for (auto* variants : {spec.mutable_baselines(), spec.mutable_candidates()}) {
    for (v1::VariantSpec& variant : *variants) {
      if (variant.weights_sha256().empty()) {
        continue;
      }
      CUSP_ASSIGN_OR_RETURN(std::optional<std::string> path, fetcher.PathOf(variant));
      if (path.has_value()) {
        variant.set_weights_path(*std::move(path));
      }
    }
  }
  return fetcher.Take();
}

}  // namespace cusp::worker
