#include "client/lib/result_csv.h"

#include <array>
#include <charconv>
#include <string_view>

#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/metrics.h"
#include "catalog/seen_padding.h"
#include "client/lib/result_json.h"

namespace cusp::client {
namespace {

// The shortest text that gives the same number back.
std::string Number(double value) {
  std::array<char, 64> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

// RFC 4180.
std::string Field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') {
      quoted += '"';
    }
  }
  return quoted + "\"";
}

bool HasPlaceInCsv(v1::Outcome outcome) {
  return outcome == v1::OUTCOME_OK || outcome == v1::OUTCOME_OUT_OF_MEMORY;
}

std::string Value(v1::Outcome outcome, double value) {
  return outcome == v1::OUTCOME_OK ? Number(value) : "oom";
}

// The columns that both kinds of file begin with.
std::string Start(const std::string& variant, const std::string& length, const std::string& value) {
  return Field(variant) + "," + length + "," + value + ",";
}

// The columns that both have last but what is theirs: unit of lengths, and tokens.
std::string End(const JobLengths& lengths, const std::string& variant, int64_t length) {
  const auto tokens =
      lengths.unit == v1::LENGTH_UNIT_TOKENS ? length : lengths.tokens.At(variant, length);
  return "," + catalog::ToText(lengths.unit) + "," + (tokens ? std::to_string(*tokens) : "");
}

}  // namespace

SamplesCsv::SamplesCsv(const v1::Job& job, const v1::JobResult& result)
    : lengths_(job), seed_(std::to_string(job.spec().seed())) {
  // A job of a newer coordinator may have variants that are unknown here.
  if (const auto variants = catalog::ResolveVariants(job.spec()); variants.ok()) {
    for (const catalog::ResolvedVariant& variant : *variants) {
      paddings_[variant.name] = {
          .quantum = catalog::SeenPadding(job.spec().lengths(), variant.quantum),
          .slack = variant.slack};
    }
  }
  for (const v1::Comparison& comparison : result.comparisons()) {
    compared_.insert({comparison.mode(), comparison.dtype(), comparison.metric()});
  }
  for (const v1::Cost& cost : result.costs()) {
    if (!HasPlaceInCsv(cost.outcome())) {
      failed_[{cost.mode(), cost.dtype(), cost.metric(), cost.batch_size(), cost.length(),
               cost.variant()}] = cost.outcome();
    }
  }
}

// What is recorded beside is compared where the job did so: the second sample of an A/A check,
// say, with nothing but the first.
bool SamplesCsv::IsCompared(const v1::Sweep& sweep, v1::Metric metric) const {
  return (catalog::IsAskedFor(metric) && metric != v1::METRIC_COMPONENTS) ||
         compared_.contains({sweep.mode(), sweep.dtype(), metric});
}

std::string SamplesCsv::Header() {
  return "variant,length,value,metric,mode,dtype,block,order,calls,batch_size,outcome,"
         "padding_quantum,padding_slack,analysis_seed,exact,left_out,length_unit,tokens,"
         "resolution\n";
}

std::string SamplesCsv::Sample(const v1::Sweep& sweep, const v1::Block& block,
                               const v1::Sample& sample) const {
  const auto text = [this](int64_t length) { return catalog::LengthText(length, lengths_.unit); };
  // A single token is not padded.
  const bool decoded = sweep.mode() == v1::MODE_DECODE;
  const auto padding = paddings_.find(sample.variant());
  const bool told = padding != paddings_.end();
  const auto failed = failed_.find({sweep.mode(), sweep.dtype(), sample.metric(),
                                    block.batch_size(), block.length(), sample.variant()});
  const std::string left_out = !IsCompared(sweep, sample.metric()) ? "not_compared"
                               : catalog::IsLowerBound(sample)     ? "lower_bound"
                               : failed != failed_.end()           ? ToText(failed->second)
                                                                   : "";
  const bool exact = catalog::IsExact(sample.metric());
  const double resolution = catalog::ResolutionOf(sample.metric(), sweep.provenance().device());
  return Start(sample.variant(), text(block.length()), Value(sample.outcome(), sample.value())) +
         catalog::ToText(sample.metric()) + "," + catalog::ToText(sweep.mode()) + "," +
         catalog::ToText(sweep.dtype()) + "," + std::to_string(block.block()) + "," +
         std::to_string(sample.order()) + "," + std::to_string(sample.calls()) + "," +
         std::to_string(block.batch_size()) + "," + ToText(sample.outcome()) + "," +
         (told ? text(decoded ? 1 : padding->second.quantum) : "") + "," +
         (told ? text(decoded ? 0 : padding->second.slack) : "") + "," + seed_ + "," +
         (exact ? "yes" : "no") + "," + left_out + End(lengths_, sample.variant(), block.length()) +
         "," + (resolution > 0 ? Number(resolution) : "") + "\n";
}

std::string SamplesCsv::Rows(const v1::Sweep& sweep, const v1::Block& block) const {
  std::string rows;
  for (const v1::Sample& sample : block.samples()) {
    rows += HasPlaceInCsv(sample.outcome()) ? Sample(sweep, block, sample) : "";
  }
  return rows;
}

std::string CostsCsv(const v1::Job& job, const v1::JobResult& result) {
  const JobLengths lengths(job);
  std::string csv =
      "variant,length,value,metric,mode,dtype,low,high,samples,batch_size,outcome,length_unit,"
      "tokens\n";
  for (const v1::Cost& cost : result.costs()) {
    if (!HasPlaceInCsv(cost.outcome())) {
      continue;
    }
    const bool ok = cost.outcome() == v1::OUTCOME_OK;
    csv += Start(cost.variant(), catalog::LengthText(cost.length(), lengths.unit),
                 Value(cost.outcome(), cost.median()));
    csv += catalog::ToText(cost.metric()) + "," + catalog::ToText(cost.mode()) + "," +
           catalog::ToText(cost.dtype()) + "," + (ok ? Number(cost.low()) : "") + "," +
           (ok ? Number(cost.high()) : "") + "," + std::to_string(cost.samples()) + "," +
           std::to_string(cost.batch_size()) + "," + ToText(cost.outcome()) +
           End(lengths, cost.variant(), cost.length()) + "\n";
  }
  return csv;
}

}  // namespace cusp::client
