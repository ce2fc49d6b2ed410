// At which lengths inputs really run, once they are put into batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cusp::analysis {

// How many inputs have a length. Counts may be fractions.
struct LengthCount {
  double length = 0;
  double count = 0;

  bool operator==(const LengthCount&) const = default;
};

enum class Batching {
  kNone,      // every input at its own length: alone, or beside others of that length
  kBucketed,  // with others of its bucket, padded to the bucket's end, or, of the last one,
              // to the longest input
  kLongest,   // with any others, padded to the longest of them
};

struct BatchingOptions {
  Batching batching = Batching::kNone;
  int64_t batch_size = 1;  // inputs in a batch, of kLongest
  // Where buckets end, ascending, of kBucketed. Inputs beyond the last one make a
  // bucket that ends at the longest.
  std::vector<double> bucket_ends = {};
};

// Shares of the inputs by the length at which they run, ascending; they sum to 1.
// `histogram` ascends in length, without repeats, and holds something. Of kLongest the
// batch is a random draw: the longest of B is within l with probability F(l)^B.
std::vector<LengthCount> LengthsRun(const std::vector<LengthCount>& histogram,
                                    const BatchingOptions& options);

// At most `most` lengths: where there are more, those of each of `most` equal steps of log
// length become their mean. Ascends, as `lengths` does.
std::vector<LengthCount> Binned(const std::vector<LengthCount>& lengths, size_t most);

// 1, 2, 4 … times `first`, up to the first that is at least `longest`.
std::vector<double> DoublingEnds(double first, double longest);

}  // namespace cusp::analysis
