#include "client/lib/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

std::string Fault(std::string_view text) {
  const YamlOutcome outcome = ParseYaml(text);
  return outcome.fault.has_value()
             ? std::to_string(outcome.fault->mark.line) + ":" +
                   std::to_string(outcome.fault->mark.column) + ": " + outcome.fault->message
             : "";
}

TEST(YamlTreeTest, ValuesKnowTheirPlaces) {
  const YamlOutcome outcome = ParseYaml("a: 1\nb:\n  - x\n  - {c: 'y'}\n");
  ASSERT_TRUE(outcome.root.has_value());
  const YamlNode* b = outcome.root->Find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->key_mark.line, 2);
  ASSERT_EQ(b->children.size(), 2U);
  EXPECT_EQ(b->children[0].text, "x");
  EXPECT_FALSE(b->children[0].quoted);
  const YamlNode* c = b->children[1].Find("c");
  ASSERT_NE(c, nullptr);
  EXPECT_TRUE(c->quoted);
  EXPECT_EQ(c->mark.line, 4);
  EXPECT_EQ(c->mark.column, 9);
  EXPECT_EQ(outcome.root->Find("z"), nullptr);
}

TEST(YamlTreeTest, ReadsJsonToo) {
  const YamlOutcome outcome = ParseYaml("{\n\t\"a\": [1, 2],\n\t\"b\": {\"c\": null}\n}\n");
  ASSERT_TRUE(outcome.root.has_value());
  EXPECT_EQ(outcome.root->Find("a")->children.size(), 2U);
  EXPECT_EQ(outcome.root->Find("b")->Find("c")->kind, YamlNode::Kind::kNull);
}

TEST(YamlTreeTest, DuplicateKeyIsAFault) {
  EXPECT_EQ(Fault("a: 1\nb: 2\na: 3\n"), "3:1: the key 'a' stands here twice; remove one");
  EXPECT_THAT(Fault("x: {a: 1, a: 2}"), HasSubstr("1:11: the key 'a'"));
}

TEST(YamlTreeTest, AnchorsAliasesAndTagsAreFaults) {
  EXPECT_THAT(Fault("a: &x [1]\nb: *x\n"), HasSubstr("1:4: anchors (&name) are not allowed"));
  EXPECT_THAT(Fault("b: *x\n"), HasSubstr("aliases (*name) are not allowed"));
  EXPECT_THAT(Fault("a: !!int 5\n"), HasSubstr("tags (!name) are not allowed"));
}

TEST(YamlTreeTest, DeepNestingIsAFault) {
  EXPECT_THAT(Fault("a: " + std::string(33, '[') + std::string(33, ']')),
              HasSubstr("nest deeper than 32 levels"));
  EXPECT_EQ(Fault("a: " + std::string(30, '[') + std::string(30, ']')), "");
}

TEST(YamlTreeTest, SecondDocumentIsAFault) {
  EXPECT_THAT(Fault("a: 1\n---\nb: 2\n"), HasSubstr("2:1: a second document starts here"));
}

TEST(YamlTreeTest, NothingIsAFault) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "~", "---\n"}) {
    EXPECT_THAT(Fault(text), HasSubstr("the file is empty"));
  }
}

TEST(YamlTreeTest, QuotesMustCloseOnTheirLine) {
  EXPECT_THAT(Fault("a: \"x\nb: 2\n"), HasSubstr("1:4: the quote that opens here"));
  EXPECT_THAT(Fault("a: 'it''s\nb: 'y'\n"), HasSubstr("1:4: the quote that opens here"));
  EXPECT_EQ(Fault("a: 'it''s'\nb: \"\\\"\"\n"), "");
}

TEST(YamlTreeTest, KeysMustBePlain) {
  EXPECT_THAT(Fault("? [a]\n: 5\n"), HasSubstr("where a key should be"));
  EXPECT_THAT(Fault(": 5\n"), HasSubstr("a key is missing"));
}

TEST(YamlTreeTest, BrokenSyntaxHasPlaceAndRemedy) {
  EXPECT_THAT(Fault("a: [1, 2\nb: 3\n"), HasSubstr("a [ is never closed"));
  EXPECT_THAT(Fault("a: {b: 1\n"), HasSubstr("a { is never closed"));
  EXPECT_THAT(Fault("a: 1\n  b: 2\n"), HasSubstr("2:4: a key: value stands where none can"));
  EXPECT_THAT(Fault("a: @\n"), HasSubstr("check quotes, brackets and indentation"));
}

}  // namespace
}  // namespace cusp::client
