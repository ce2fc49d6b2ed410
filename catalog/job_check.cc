#include "catalog/job_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "catalog/catalog.h"
#include "catalog/job_names.h"
#include "catalog/job_variants.h"
#include "catalog/lengths.h"
#include "catalog/quote.h"

namespace cusp::catalog {
namespace {

constexpr int kMostVariants = 64;
constexpr int kMostListed = 1000;
constexpr int kMostBatchSizes = 16;
constexpr size_t kMostProblems = 100;
constexpr int64_t kLongestBudgetSeconds = 7 * 24 * 3600;

constexpr std::array kMeasuredModes = {v1::MODE_INFERENCE, v1::MODE_TRAINING, v1::MODE_DECODE};
constexpr std::array kMeasuredMetrics = {
    v1::METRIC_LATENCY,     v1::METRIC_LATENCY_P90, v1::METRIC_LATENCY_P99, v1::METRIC_THROUGHPUT,
    v1::METRIC_PEAK_MEMORY, v1::METRIC_ENERGY,      v1::METRIC_FLOPS,       v1::METRIC_COMPONENTS};
constexpr std::array kMeasuredDTypes = {v1::DTYPE_FLOAT32, v1::DTYPE_BFLOAT16, v1::DTYPE_FLOAT16};

std::string At(const std::string& list, int index) {
  return list + "[" + std::to_string(index) + "]";
}

// Modes, metrics or number types: known, measured by this version, no twins.
template <typename Enum, size_t N>
void CheckChoices(const std::string& list, const google::protobuf::RepeatedField<int>& values,
                  const std::array<Enum, N>& measured, std::vector<Problem>& problems) {
  std::string remedy = "; use ";
  for (const Enum one : measured) {
    remedy += (one == measured.front() ? "" : one == measured.back() ? " or " : ", ") + ToText(one);
  }
  std::set<int> seen;
  for (int i = 0; i < values.size() && problems.size() < kMostProblems; ++i) {
    const auto value = static_cast<Enum>(values[i]);
    const std::string text = ToText(value);
    if (text.empty()) {
      problems.push_back(
          {At(list, i), "unknown value " + std::to_string(values[i]) + " in " + list + remedy});
    } else if (std::find(measured.begin(), measured.end(), value) == measured.end()) {
      problems.push_back({At(list, i), text + " is not measured by this version" + remedy});
    } else if (!seen.insert(values[i]).second) {
      problems.push_back({At(list, i), text + " stands twice in " + list + "; remove one"});
    }
  }
}

// Why a metric is not measured of decoding; nullptr: it is.
const char* WhyNotDecoded(v1::Metric metric) {
  return metric == v1::METRIC_ENERGY ? "filling a cache between its steps would count" : nullptr;
}

void CheckModesOfMetrics(const v1::JobSpec& spec, std::vector<Problem>& problems) {
  const auto& modes = spec.modes();
  if (std::find(modes.begin(), modes.end(), v1::MODE_DECODE) == modes.end()) {
    return;
  }
  for (int i = 0; i < spec.metrics_size(); ++i) {
    const auto metric = static_cast<v1::Metric>(spec.metrics(i));
    if (const char* reason = WhyNotDecoded(metric)) {
      problems.push_back({At("metrics", i), ToText(metric) +
                                                " of decoding is not measured: " + reason +
                                                "; put the mode decode into a job of its own"});
    }
  }
}

void CheckLengthList(const v1::LengthSpec& lengths, std::vector<Problem>& problems) {
  if (lengths.list_size() > kMostListed) {
    problems.push_back({"lengths.list", "the list holds " + std::to_string(lengths.list_size()) +
                                            " lengths; list at most 1000, or give min and max"});
    return;
  }
  const int64_t longest = LongestLength(lengths.unit());
  const auto text = [&](int64_t length) { return LengthText(length, lengths.unit()); };
  for (int i = 0; i < lengths.list_size(); ++i) {
    const int64_t length = lengths.list(i);
    if (length < 1 || length > longest) {
      problems.push_back({At("lengths.list", i), "length " + text(length) + "; lengths go from " +
                                                     text(1) + " to " + text(longest)});
    } else if (i > 0 && length <= lengths.list(i - 1)) {
      problems.push_back(
          {At("lengths.list", i), "length " + text(length) + " after " + text(lengths.list(i - 1)) +
                                      "; list each length once, in ascending order"});
    } else {
      continue;
    }
    return;
  }
  if (lengths.list_size() > 0 && (lengths.min() != lengths.list(0) ||
                                  lengths.max() != lengths.list(lengths.list_size() - 1))) {
    problems.push_back({"lengths", "min and max differ from the ends of list; leave them out"});
  }
}

void CheckLengthRange(const v1::LengthSpec& lengths, std::vector<Problem>& problems) {
  const auto text = [&](int64_t length) { return LengthText(length, lengths.unit()); };
  const std::string min = text(lengths.min());
  const std::string max = text(lengths.max());
  const int64_t longest = LongestLength(lengths.unit());
  const int64_t quantum = lengths.quantum();
  if (lengths.min() == 0 && lengths.max() == 0 && lengths.list_size() == 0) {
    problems.push_back({"lengths", "lengths are missing; add lengths: {min: 64, max: 4096}"});
  } else if (lengths.min() < 1) {
    problems.push_back({"lengths.min", "min is " + min + "; lengths start at " + text(1)});
  } else if (lengths.max() < 1) {
    problems.push_back({"lengths.max", "max is " + max + "; give a length from min on"});
  } else if (lengths.max() > longest) {
    problems.push_back({"lengths.max", "max is " + max + "; lengths end at " + text(longest)});
  } else if (lengths.min() > lengths.max()) {
    problems.push_back(
        {"lengths.min", "min " + min + " is greater than max " + max + "; swap them"});
  } else if (quantum < 0) {
    problems.push_back({"lengths.quantum", "quantum is " + text(quantum) + "; use " + text(1) +
                                               " or more, or leave it out"});
  } else if (quantum > lengths.max() ||
             (quantum > 0 && lengths.max() / quantum * quantum < lengths.min())) {
    problems.push_back({"lengths.quantum", "no multiple of quantum " + text(quantum) +
                                               " lies between min " + min + " and max " + max +
                                               "; use a smaller one"});
  }
}

// True where variants can be checked against the lengths.
bool CheckLengths(const v1::LengthSpec& lengths, std::vector<Problem>& problems) {
  const size_t before = problems.size();
  CheckLengthList(lengths, problems);
  if (problems.size() == before) {
    CheckLengthRange(lengths, problems);
  }
  return problems.size() == before;
}

void CheckBatchSizes(const v1::JobSpec& spec, std::vector<Problem>& problems) {
  if (spec.batch_sizes_size() > kMostBatchSizes) {
    problems.push_back({"batch_size", "more than 16 batch sizes; split the job"});
    return;
  }
  std::set<int32_t> seen;
  for (int i = 0; i < spec.batch_sizes_size(); ++i) {
    const int32_t size = spec.batch_sizes(i);
    if (size < 1 || size > 65'536) {
      problems.push_back(
          {At("batch_size", i), "batch size " + std::to_string(size) + "; use 1 to 65536"});
    } else if (!seen.insert(size).second) {
      problems.push_back(
          {At("batch_size", i), "batch size " + std::to_string(size) + " twice; remove one"});
    }
  }
}

void CheckNumbers(const v1::JobSpec& spec, std::vector<Problem>& problems) {
  CheckBatchSizes(spec, problems);
  if (spec.threads() < 0 || spec.threads() > 1024) {
    problems.push_back({"threads", "threads is " + std::to_string(spec.threads()) +
                                       "; use 1 to 1024, or 0 for all cores"});
  }
  if (!(spec.precision() >= 0.001 && spec.precision() <= 0.5)) {
    problems.push_back({"precision", "precision is " + std::to_string(spec.precision()) +
                                         "; use 0.001 to 0.5 (0.05 is ±5 %)"});
  }
  const auto& budget = spec.budget();
  const bool nanos_good = budget.nanos() >= 0 && budget.nanos() < 1'000'000'000;
  if (!nanos_good || budget.seconds() < 1 || budget.seconds() > kLongestBudgetSeconds ||
      (budget.seconds() == kLongestBudgetSeconds && budget.nanos() > 0)) {
    problems.push_back({"budget", "the budget lies outside 1 second to 7 days; write it like 10m"});
  }
}

void CheckTexts(const v1::JobSpec& spec, std::vector<Problem>& problems) {
  if (std::string fault = FaultOfName(spec.name()); !fault.empty()) {
    problems.push_back({"name", std::move(fault)});
  }
  if (FindPreset(spec.preset()) == nullptr) {
    problems.push_back(
        {"preset", "unknown preset " + Quoted(spec.preset()) + "; use tiny, small, base or large"});
  }
  const std::string& device = spec.device();
  if (!FaultOfName(device).empty()) {
    problems.push_back({"device", "the device " + Quoted(device) +
                                      " is no printable text; use auto, cpu, cuda or a class of "
                                      "'cusp workers'"});
  } else if (device == "gpu" || device.starts_with("cuda:")) {
    problems.push_back({"device", "device is " + Quoted(device) +
                                      "; write cuda, or a device class of 'cusp workers'"});
  }
}

// Walks baselines and candidates, keeping what later ones are compared with.
class VariantWalk {
 public:
  VariantWalk(const v1::JobSpec& spec, bool lengths_good) : spec_(spec), good_(lengths_good) {}

  void Visit(const std::string& list,
             const google::protobuf::RepeatedPtrField<v1::VariantSpec>& variants) {
    if (variants.empty()) {
      problems_.push_back({list, list + " is empty; name at least one model"});
    }
    for (int i = 0; i < variants.size() && problems_.size() < kMostProblems; ++i) {
      const std::string path = At(list, i);
      VariantOutcome outcome = ResolveVariant(spec_, variants[i], path, good_);
      CheckTwin(variants[i].name(), path);
      if (outcome.model != nullptr) {
        CheckModality(*outcome.model, path);
      }
      problems_.insert(problems_.end(), outcome.problems.begin(), outcome.problems.end());
      resolved_.push_back(std::move(outcome.resolved));
    }
  }

  std::vector<Problem>& problems() { return problems_; }
  std::vector<ResolvedVariant>& resolved() { return resolved_; }

 private:
  void CheckTwin(const std::string& name, const std::string& path) {
    const auto [first, fresh] = names_.emplace(name, path);
    if (!fresh && !name.empty()) {
      problems_.push_back({path + ".name", "the name " + Quoted(name) + " is taken by " +
                                               first->second +
                                               "; give each variant a name of its own"});
    }
  }

  void CheckModality(const Model& model, const std::string& path) {
    const std::string unit = ToText(UnitOf(model.modality));
    if (first_ == nullptr) {
      first_ = &model;
      if (const std::string said = ToText(spec_.lengths().unit()); said != unit) {
        problems_.push_back({"lengths.unit", "lengths of " + std::string(model.name) + " are in " +
                                                 unit + ", not " +
                                                 (said.empty() ? "an unknown unit" : said) +
                                                 "; write unit: " + unit + " or leave it out"});
      }
    } else if (model.modality != first_->modality) {
      problems_.push_back({path, std::string(model.name) + " takes " + unit + ", but " +
                                     std::string(first_->name) + " takes " +
                                     ToText(UnitOf(first_->modality)) +
                                     "; compare models of one modality"});
    }
  }

  const v1::JobSpec& spec_;
  bool good_;
  std::map<std::string, std::string> names_;
  const Model* first_ = nullptr;
  std::vector<Problem> problems_;
  std::vector<ResolvedVariant> resolved_;
};

struct Examined {
  std::vector<Problem> problems;
  std::vector<ResolvedVariant> variants;
};

Examined Examine(const v1::JobSpec& given) {
  Examined examined;
  if (given.ByteSizeLong() > kMaxSpecBytes) {
    examined.problems.push_back({"", "the job is larger than 256 KiB; split it"});
    return examined;
  }
  const int variants = given.baselines_size() + given.candidates_size();
  if (variants > kMostVariants) {
    examined.problems.push_back({"candidates", "the job has " + std::to_string(variants) +
                                                   " variants; compare at most 64, or split it"});
    return examined;
  }
  v1::JobSpec spec = given;
  ApplyDefaults(spec);
  CheckTexts(spec, examined.problems);
  CheckChoices("modes", spec.modes(), kMeasuredModes, examined.problems);
  CheckChoices("metrics", spec.metrics(), kMeasuredMetrics, examined.problems);
  CheckModesOfMetrics(spec, examined.problems);
  CheckChoices("dtypes", spec.dtypes(), kMeasuredDTypes, examined.problems);
  const bool lengths_good = CheckLengths(spec.lengths(), examined.problems);
  CheckNumbers(spec, examined.problems);
  VariantWalk walk(spec, lengths_good);
  walk.Visit("baselines", spec.baselines());
  walk.Visit("candidates", spec.candidates());
  examined.variants = std::move(walk.resolved());
  examined.problems.insert(examined.problems.end(), walk.problems().begin(), walk.problems().end());
  if (examined.problems.size() > kMostProblems) {
    examined.problems.resize(kMostProblems);
  }
  return examined;
}

}  // namespace

std::vector<Problem> CheckJob(const v1::JobSpec& spec) { return Examine(spec).problems; }

absl::StatusOr<std::vector<ResolvedVariant>> ResolveVariants(const v1::JobSpec& spec) {
  Examined examined = Examine(spec);
  if (!examined.problems.empty()) {
    const Problem& first = examined.problems.front();
    return absl::InvalidArgumentError(first.path.empty() ? first.message
                                                         : first.path + ": " + first.message);
  }
  return std::move(examined.variants);
}

}  // namespace cusp::catalog
