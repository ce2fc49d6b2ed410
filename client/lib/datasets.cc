#include "client/lib/datasets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "catalog/catalog.h"
#include "catalog/job_check.h"

namespace cusp::client {
namespace {

constexpr auto kSeconds = v1::LENGTH_UNIT_SECONDS;
constexpr auto kPixels = v1::LENGTH_UNIT_PIXELS;

constexpr std::string_view kSummaries = "Zaheer et al. 2020, arXiv:2007.14062, table 18";
constexpr std::string_view kShorterSummaries = "Zaheer et al. 2020, arXiv:2007.14062, table 19";
constexpr std::string_view kBert = "github.com/google-research/bert, README.md";
constexpr std::string_view kBertTokens = "wordpieces of BERT, padded";
constexpr std::string_view kArena = "Tay et al. 2020, arXiv:2011.04006, section 2.2";
constexpr std::string_view kVisionTransformer = "Dosovitskiy et al. 2020, arXiv:2010.11929";
constexpr std::string_view kLibriSpeech =
    "github.com/k2-fsa/icefall, egs/librispeech/ASR/local/display_manifest_statistics.py";
constexpr std::string_view kAishell =
    "github.com/k2-fsa/icefall, egs/aishell/ASR/local/display_manifest_statistics.py";
constexpr std::string_view kPlain = "seconds";
constexpr std::string_view kPerturbed = "seconds, at speeds 0.9, 1 and 1.1";

// Rows of each source.
constexpr Dataset Fixed(std::string_view name, std::string_view what, std::string_view counted_in,
                        std::string_view source, double length) {
  return {.name = name, .what = what, .counted_in = counted_in, .source = source, .fixed = length};
}

constexpr Dataset Longformer(std::string_view name, std::string_view what, double mean,
                             double percentile_95) {
  return {.name = name,
          .what = what,
          .counted_in = "wordpieces of RoBERTa",
          .source = "Beltagy et al. 2020, arXiv:2004.05150, table 6",
          .mean = mean,
          .high = {0.95, percentile_95}};
}

constexpr Dataset BigBird(std::string_view name, std::string_view what, std::string_view source,
                          double median, double percentile_90) {
  return {.name = name,
          .what = what,
          .counted_in = "tokens of BigBird",
          .source = source,
          .median = median,
          .high = {0.9, percentile_90}};
}

constexpr Dataset Image(std::string_view name, std::string_view what, std::string_view source,
                        double side) {
  Dataset dataset = Fixed(name, what, "pixels of the side", source, side);
  dataset.unit = kPixels;
  return dataset;
}

constexpr Dataset Speech(std::string_view name, std::string_view counted_in,
                         std::string_view source, double mean,
                         std::span<const LengthQuantile> quantiles) {
  return {.name = name,
          .unit = kSeconds,
          .what = source == kAishell ? "Mandarin read aloud" : "English books read aloud",
          .counted_in = counted_in,
          .source = source,
          .mean = mean,
          .quantiles = quantiles};
}

// The quantiles that lhotse describes a corpus by.
using Described = std::array<LengthQuantile, 15>;

constexpr Described Describe(const std::array<double, 15>& lengths) {
  constexpr std::array<double, 15> kShares = {0,    0.001, 0.005, 0.01, 0.05,  0.1,   0.25, 0.5,
                                              0.75, 0.9,   0.95,  0.99, 0.995, 0.999, 1};
  Described quantiles;
  for (size_t i = 0; i < quantiles.size(); ++i) {
    quantiles[i] = {.share = kShares[i], .length = lengths[i]};
  }
  return quantiles;
}

constexpr Described kAishellTest =
    Describe({1.9, 2.2, 2.4, 2.6, 3.0, 3.2, 3.8, 4.7, 5.9, 7.3, 8.2, 9.9, 10.7, 11.9, 14.7});
constexpr Described kLibriSpeechTestOther =
    Describe({1.2, 1.5, 1.8, 1.9, 2.3, 2.6, 3.4, 5.2, 8.2, 12.6, 15.8, 21.4, 23.8, 33.5, 34.5});
constexpr Described kLibriSpeechTestClean =
    Describe({1.3, 1.6, 1.8, 2.0, 2.3, 2.7, 3.7, 5.8, 9.6, 14.6, 17.8, 25.5, 28.4, 32.8, 35.0});
constexpr Described kLibriSpeechTrainOther =
    Describe({0.8, 1.7, 2.1, 2.3, 3.5, 5.0, 9.8, 13.4, 15.1, 16.5, 17.2, 18.1, 18.4, 18.9, 31.0});
constexpr Described kLibriSpeechTrainClean =
    Describe({1.0, 1.8, 2.2, 2.5, 4.2, 6.2, 11.2, 13.7, 15.3, 16.6, 17.3, 18.1, 18.4, 18.8, 33.0});

constexpr Dataset kDatasets[] = {
    Fixed("glue-128", "sentences and pairs of GLUE", kBertTokens, kBert, 128),
    Longformer("imdb", "film reviews", 300, 705),
    BigBird("xsum", "news, to sum up in a sentence", kShorterSummaries, 359, 920),
    Fixed("squad-384", "questions with a paragraph", kBertTokens, kBert, 384),
    Longformer("ontonotes", "documents, for coreference", 506, 1147),
    Longformer("hyperpartisan", "news", 705, 1975),
    BigBird("cnn-dailymail", "news, to summarise", kShorterSummaries, 777, 1439),
    Fixed("lra-image", "images, pixel by pixel", "pixels", kArena, 1024),
    Fixed("lra-pathfinder", "dashed paths, pixel by pixel", "pixels", kArena, 1024),
    Longformer("hotpotqa", "questions with ten paragraphs", 1316, 1889),
    Longformer("wikihop", "questions over documents", 1535, 3627),
    Fixed("lra-listops", "nested operations on lists", "symbols, padded", kArena, 2000),
    BigBird("pubmed", "medical articles, to summarise", kSummaries, 2715, 6101),
    BigBird("bigpatent", "patents, to summarise", kSummaries, 3082, 7693),
    Fixed("lra-text", "film reviews, byte by byte", "bytes, padded or cut", kArena, 4000),
    Fixed("lra-retrieval", "each of two papers, byte by byte", "bytes, padded or cut", kArena,
          4000),
    Longformer("triviaqa", "questions with Wikipedia pages", 6589, 17126),
    BigBird("arxiv", "scientific articles, to summarise", kSummaries, 6151, 14405),

    Speech("aishell-test", kPlain, kAishell, 5.0, kAishellTest),
    Speech("librispeech-test-other", kPlain, kLibriSpeech, 6.5, kLibriSpeechTestOther),
    Speech("librispeech-test-clean", kPlain, kLibriSpeech, 7.4, kLibriSpeechTestClean),
    Speech("librispeech-train-other-500", kPerturbed, kLibriSpeech, 12.1, kLibriSpeechTrainOther),
    Speech("librispeech-train-clean-360", kPerturbed, kLibriSpeech, 12.7, kLibriSpeechTrainClean),

    Image("cifar-10", "small photographs", "Krizhevsky 2009", 32),
    Image("imagenet-224", "photographs, as in pre-training", kVisionTransformer, 224),
    Image("imagenet-384", "photographs, as in fine-tuning", kVisionTransformer, 384),
};

}  // namespace

std::span<const Dataset> Datasets() { return kDatasets; }

absl::StatusOr<const Dataset*> FindDataset(std::string_view name, v1::LengthUnit unit) {
  constexpr std::string_view kList = "`cusp recommend --list-datasets` lists them";
  const auto found = std::find_if(std::begin(kDatasets), std::end(kDatasets),
                                  [name](const Dataset& dataset) { return dataset.name == name; });
  if (found == std::end(kDatasets)) {
    std::vector<std::string_view> names;
    for (const Dataset& dataset : kDatasets) {
      names.push_back(dataset.name);
    }
    const std::string nearest = catalog::NearestOf(name, names);
    return absl::InvalidArgumentError("--dataset: no dataset `" + std::string(name) + "`; " +
                                      (nearest.empty() ? "" : "did you mean `" + nearest + "`? ") +
                                      std::string(kList));
  }
  if (found->unit != unit) {
    return absl::InvalidArgumentError("--dataset: the lengths of " + std::string(name) +
                                      " are in " + catalog::ToText(found->unit) +
                                      ", those of the job in " + catalog::ToText(unit) +
                                      "; choose one in that unit: " + std::string(kList));
  }
  return found;
}

}  // namespace cusp::client
