#!/usr/bin/env python3
"""Laws of batch jobs from the command line: fitting one to a trace, and making a trace from one.

Usage: trace_jobs_test.py PLIMSOLL_EXECUTABLE SOURCE_DIR [unittest arguments]
"""
import sys
import unittest

from cli_test import SOURCE, CliTest


class TraceJobs(CliTest):
    def test_the_shipped_day_of_jobs_is_what_its_recipe_makes_and_can_be_fitted(self):
        shipped = SOURCE / "traces/synthetic/batch_day.csv"
        self.plimsoll("trace", "synthesize-jobs", shipped.with_suffix(".yaml"), "--output", "again.csv")
        self.assertEqual((self.folder / "again.csv").read_bytes(), shipped.read_bytes())
        self.plimsoll("trace", "fit-jobs", f"csv:{shipped}", "--output", "mine.yaml")
        (self.folder / "recipe.yaml").write_text("like: ./mine.yaml\njobs: 20\n")
        self.plimsoll("trace", "synthesize-jobs", "recipe.yaml", "--output", "mine.csv")
        self.assertEqual(len((self.folder / "mine.csv").read_text().splitlines()), 21)

    def test_what_is_wrong_with_a_trace_of_jobs_is_said(self):
        refused = self.plimsoll("trace", "fit-jobs", "phily:x.csv", "--output", "law.yaml", code=2).stderr
        self.assertIn('Did you mean "philly"?', refused)
        (self.folder / "recipe.yaml").write_text("like: phily\njobs: 20\n")
        refused = self.plimsoll("trace", "synthesize-jobs", "recipe.yaml", "--output", "t.csv", code=2).stderr
        self.assertRegex(refused, r'recipe\.yaml:1:7: .*Did you mean "philly"\?')
        (self.folder / "recipe.yaml").write_text("like: philly\n")
        refused = self.plimsoll("trace", "synthesize-jobs", "recipe.yaml", "--output", "t.csv", code=2).stderr
        self.assertIn("give jobs, duration or both", refused)
        self.assertEqual(self.files(), ["recipe.yaml"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
