#include "analysis/batching.h"

#include <algorithm>
#include <cmath>

namespace cusp::analysis {
namespace {

// Adds to the last length where it is the same.
void Append(std::vector<LengthCount>& lengths, double length, double count) {
  if (!lengths.empty() && lengths.back().length == length) {
    lengths.back().count += count;
  } else if (count > 0) {
    lengths.push_back({length, count});
  }
}

double BucketEnd(double length, const BatchingOptions& options, double longest) {
  const auto end = std::lower_bound(options.bucket_ends.begin(), options.bucket_ends.end(), length);
  // Nothing is padded beyond the longest input.
  return end == options.bucket_ends.end() ? longest : std::min(*end, longest);
}

}  // namespace

std::vector<LengthCount> LengthsRun(const std::vector<LengthCount>& histogram,
                                    const BatchingOptions& options) {
  double whole = 0;
  for (const LengthCount& entry : histogram) {
    whole += entry.count;
  }
  std::vector<LengthCount> lengths;
  double within = 0;  // share of inputs up to here
  for (const LengthCount& entry : histogram) {
    const double share = entry.count / whole;
    switch (options.batching) {
      case Batching::kNone:
        Append(lengths, entry.length, share);
        break;
      case Batching::kBucketed:
        Append(lengths, BucketEnd(entry.length, options, histogram.back().length), share);
        break;
      case Batching::kLongest: {
        const auto batch = static_cast<double>(options.batch_size);
        const double before = std::pow(within, batch);
        within = &entry == &histogram.back() ? 1 : within + share;
        Append(lengths, entry.length, std::pow(within, batch) - before);
        break;
      }
    }
  }
  return lengths;
}

std::vector<LengthCount> Binned(const std::vector<LengthCount>& lengths, size_t most) {
  if (lengths.size() <= most) {
    return lengths;
  }
  const double first = std::log(lengths.front().length);
  const double width = (std::log(lengths.back().length) - first) / static_cast<double>(most);
  std::vector<LengthCount> bins;
  double last = -1;
  for (const LengthCount& entry : lengths) {
    const double bin = std::min(std::floor((std::log(entry.length) - first) / width),
                                static_cast<double>(most - 1));
    if (bin == last) {
      LengthCount& mean = bins.back();
      mean.count += entry.count;
      mean.length += (entry.length - mean.length) * entry.count / mean.count;
    } else {
      bins.push_back(entry);
      last = bin;
    }
  }
  return bins;
}

std::vector<double> DoublingEnds(double first, double longest) {
  std::vector<double> ends{first};
  while (ends.back() < longest) {
    ends.push_back(2 * ends.back());
  }
  return ends;
}

}  // namespace cusp::analysis
