#include "client/cli/job_text.h"

#include <algorithm>
#include <vector>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/client.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

std::string Line(std::string key, const std::string& value) {
  key.resize(11, ' ');
  return key + value + "\n";
}

std::string FailureText(const v1::Failure& failure) {
  std::string reason = ToText(failure.reason());
  std::replace(reason.begin(), reason.end(), '_', ' ');
  return reason + ": " + Printable(failure.message());
}

std::string LastPart(const std::string& name) { return name.substr(name.rfind('/') + 1); }

std::string BlocksText(const v1::Sweep& sweep) {
  std::string text =
      FormatCount(std::max(sweep.blocks_committed(), sweep.progress().blocks_done()));
  if (sweep.state() == v1::Sweep::STATE_RUNNING && sweep.progress().blocks_expected() > 0) {
    text += " of about " + FormatCount(sweep.progress().blocks_expected());
  }
  return text;
}

std::string SweepTable(const v1::Job& job) {
  TextTable table({{"sweep", TextTable::Align::kRight},
                   {"mode"},
                   {"dtype"},
                   {"state"},
                   {"blocks"},
                   {"attempts", TextTable::Align::kRight},
                   {"worker"},
                   {"device"}});
  std::string failures;
  for (const v1::Sweep& sweep : job.sweeps()) {
    const std::string number = LastPart(sweep.name());
    table.AddRow({number, catalog::ToText(sweep.mode()), catalog::ToText(sweep.dtype()),
                  ToText(sweep.state()), BlocksText(sweep), FormatCount(sweep.attempt()),
                  sweep.worker().empty() ? "-" : Printable(LastPart(sweep.worker())),
                  sweep.has_provenance() ? Printable(sweep.provenance().device_class()) : "-"});
    if (sweep.has_failure()) {
      failures += "sweep " + number + " failed: " + FailureText(sweep.failure()) + "\n";
    }
  }
  return table.ToString() + failures;
}

// The jobs that have to succeed first.
std::string AfterText(const v1::Job& job) {
  std::string text;
  for (const std::string& name : job.after_ok()) {
    text += (text.empty() ? "" : ", ") + JobId(name);
  }
  return text;
}

}  // namespace

std::string PrunedText(const v1::Job& job) {
  return "samples were pruned on " + FormatTime(job.samples_prune_time()) +
         " UTC; costs and tipping points stay";
}

std::string RenderJob(const v1::Job& job, int64_t now_seconds) {
  std::string text = Line("job", JobId(job.name()));
  text += Line("name", Printable(job.display_name()));
  text += Line("state", ToText(job.state()) + ", " + std::to_string(job.sweeps_ended()) + " of " +
                            std::to_string(job.sweeps_total()) + " sweeps ended");
  if (!job.waiting_reason().empty()) {
    text += Line("waiting", Printable(job.waiting_reason()));
  }
  if (job.has_failure()) {
    text += Line("failure", FailureText(job.failure()));
  }
  if (!job.owner().empty()) {
    text += Line("owner", Printable(job.owner()) +
                              (job.original_owner().empty()
                                   ? ""
                                   : ", imported; first " + Printable(job.original_owner())));
  }
  if (job.priority() != 0) {
    text += Line("priority", std::to_string(job.priority()));
  }
  if (job.held() && job.state() != v1::Job::STATE_HELD) {
    text += Line("held", "yes; what runs goes on");
  }
  if (job.after_ok_size() > 0) {
    text += Line("after", AfterText(job));
  }
  if (job.has_deadline()) {
    text += Line("deadline", FormatTime(job.deadline()) + " UTC");
  }
  text += Line("submitted", FormatAgo(job.create_time(), now_seconds));
  if (job.has_start_time()) {
    text += Line("started", FormatAgo(job.start_time(), now_seconds));
  }
  if (job.has_end_time()) {
    text += Line("ended", FormatAgo(job.end_time(), now_seconds));
  }
  if (job.has_samples_prune_time()) {
    text += Line("samples", PrunedText(job));
  }
  return job.sweeps_size() > 0 ? text + "\n" + SweepTable(job) : text;
}

}  // namespace cusp::client
