#include "client/lib/provenance_json.h"

#include <gtest/gtest.h>

namespace cusp::client {
namespace {

v1::JobSpec SomeSpec() {
  v1::JobSpec spec;
  spec.set_seed(7);
  spec.add_baselines()->set_name("bert");
  spec.add_candidates()->set_name("mine");
  spec.mutable_candidates(0)->set_weights_sha256("ww");
  return spec;
}

v1::Provenance SomeProvenance() {
  v1::Provenance provenance;
  provenance.mutable_conditions()->mutable_start_time()->set_seconds(1'767'225'600);
  for (const char* name : {"bert", "mine"}) {
    v1::VariantConfig* variant = provenance.mutable_conditions()->add_variants();
    variant->set_variant(name);
    variant->set_config_sha256("cc");
  }
  return provenance;
}

TEST(ProvenanceJsonTest, EveryFieldIsThere) {
  const auto json = ProvenanceToJson(v1::Provenance());
  const auto* descriptor = v1::Provenance::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const std::string& name = descriptor->field(i)->name();
    EXPECT_EQ(json.contains(name), name != "conditions") << name;
  }
}

TEST(ProvenanceJsonTest, VariantsSayWhereTheirWeightsComeFrom) {
  const auto json = ProvenanceToJson(SomeProvenance(), SomeSpec());
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["start_time"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(json["variants"][0]["config_sha256"], "cc");
  EXPECT_TRUE(json["variants"][0]["weights_sha256"].is_null());
  EXPECT_EQ(json["variants"][1]["weights_sha256"], "ww");
}

TEST(ProvenanceJsonTest, UnknownLoadIsNullAndKnownOneANumber) {
  v1::Provenance provenance = SomeProvenance();
  EXPECT_TRUE(ProvenanceToJson(provenance, SomeSpec())["load_average"].is_null());
  provenance.mutable_conditions()->set_load_average(0.5);
  provenance.mutable_conditions()->set_runnable_threads(0);
  EXPECT_EQ(ProvenanceToJson(provenance, SomeSpec())["load_average"], 0.5);
  EXPECT_EQ(ProvenanceToJson(provenance, SomeSpec())["runnable_threads"], 0);
}

TEST(ProvenanceJsonTest, SweepOfAnOlderCoordinatorHasNoConditions) {
  EXPECT_FALSE(ProvenanceToJson(v1::Provenance(), SomeSpec()).contains("variants"));
}

}  // namespace
}  // namespace cusp::client
