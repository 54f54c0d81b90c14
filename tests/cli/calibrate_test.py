#!/usr/bin/env python3
"""How a user anchors a deployment to what was measured of it, and what a run then says.

Usage: calibrate_test.py PLIMSOLL_EXECUTABLE SOURCE_DIR [unittest arguments]
"""
import json
import sys
import unittest

from cli_test import CliTest, EXAMPLE

ANCHORED = EXAMPLE.parent / "chat-70b-anchored.yaml"


def histogram(name, count, mean, bounds):
    """Of values that all lie at the mean."""
    lines = [f'vllm:{name}_bucket{{engine="0",le="{bound}"}} {count if mean <= bound else 0}' for bound in bounds]
    return [*lines, f'vllm:{name}_bucket{{engine="0",le="+Inf"}} {count}',
            f'vllm:{name}_sum{{engine="0"}} {count * mean}', f'vllm:{name}_count{{engine="0"}} {count}']


def scrape(count):
    """What vLLM has told when it has answered so many requests, four at a time."""
    return "\n".join(['vllm:num_requests_running{engine="0"} 4', 'vllm:num_requests_waiting{engine="0"} 0',
                      *histogram("request_prompt_tokens", count, 1000, (500, 1000, 2000)),
                      *histogram("request_generation_tokens", count, 200, (100, 200, 500)),
                      *histogram("time_to_first_token_seconds", count, 0.12, (0.1, 0.25)),
                      *histogram("request_time_per_output_token_seconds", count, 0.0195, (0.01, 0.025))]) + "\n"


def report(clients, requests):
    """A report of guidellm on so many clients, each of whose requests begins when the one before has ended."""
    each = {"prompt_tokens": 1000, "output_tokens": 200, "time_to_first_token_ms": 120.0,
            "inter_token_latency_ms": 19.5}
    return {"benchmarks": [{
        "config": {"strategy": {"type_": "concurrent", "streams": clients}},
        "requests": {"successful": [{**each, "request_start_time": 4.0 * (i // clients)} for i in range(requests)],
                     "incomplete": [], "errored": []}}]}


class Calibrate(CliTest):
    def test_a_deployment_is_calibrated_from_benchmarks(self):
        for clients, ttft, tpot in ((4, 90.0, 16.0), (64, 400.0, 26.0)):
            (self.folder / f"{clients}.json").write_text(json.dumps({
                "num_prompts": 200, "completed": 200, "total_input_tokens": 200 * 1000,
                "total_output_tokens": 200 * 200, "request_rate": "inf", "max_concurrency": clients,
                "mean_ttft_ms": ttft, "mean_tpot_ms": tpot}))
        anchor = self.folder / "anchor.yaml"
        table = self.plimsoll("calibrate", "deployment", EXAMPLE, "--pool", "chat", self.folder / "4.json",
                              self.folder / "64.json", "--out", anchor).stdout
        self.assertIn("held out", table)
        self.assertIn("command: \"plimsoll calibrate deployment", anchor.read_text())
        run = self.plimsoll("run", EXAMPLE, "--set", f"pools.chat.engine.anchor={anchor}", "--set", "run.horizon=60s",
                            "--json", "--quiet", "--no-report", "--out", self.folder / "run")
        self.assertIn("anchored", run.stdout)
        errors = self.plimsoll("run", EXAMPLE, "--set", f"pools.chat.engine.anchor={anchor}", "--set",
                               "pools.chat.dtype=fp8", code=2).stderr
        self.assertIn("was fitted to llama-3.1-70b in bf16", errors)

    def test_the_shipped_anchor_is_what_its_benchmarks_give(self):
        examples = EXAMPLE.parent
        results = [examples / "vllm-bench" / f"concurrency-{clients}.json" for clients in (2, 16)]
        anchor = self.folder / "anchor.yaml"
        table = self.plimsoll("calibrate", "deployment", EXAMPLE, *results, "--out", anchor).stdout
        self.assertIn("Measured: 2 to 16 requests in flight per replica, prompts of 1163 and answers of 210", table)
        self.assertNotIn("Poor:", table)
        figures = lambda file: {line.split(":")[0].strip(): float(line.split(":")[1])
                                for line in file.read_text().split("points:")[0].splitlines()
                                if line.strip().startswith(("decode_scale", "prefill_scale"))}
        for name, value in figures(examples / "vllm-bench/chat-70b-anchor.yaml").items():
            self.assertAlmostEqual(figures(anchor)[name], value, delta=0.02 * value, msg=name)
        self.assertEqual(len(figures(anchor)), 2)

    def test_an_anchored_run_says_where_it_leaves_its_loads(self):
        def run(*words):
            return self.run_json(ANCHORED, "--no-report", "--set", "run.horizon=10m", "--out",
                                 self.folder / f"run{len(words)}", *words)["pools"]["chat"]
        inside = run()
        self.assertEqual(inside["step_time_level"], "anchored")
        self.assertEqual(inside["extrapolations"], [])
        beyond = run("--set", "pools.chat.replicas=1")["extrapolations"]
        self.assertIn("requests in flight per replica on average; measured from 2 to 16 (anchor).", " ".join(beyond))

    def test_poorly_fitted_loads_are_said_to_be(self):
        for clients, ttft, tpot in ((2, 105.0, 19.0), (16, 170.0, 25.0)):
            (self.folder / f"{clients}.json").write_text(json.dumps({
                "completed": 80, "total_input_tokens": 80 * 1163, "total_output_tokens": 80 * 210,
                "request_rate": "inf", "max_concurrency": clients, "mean_ttft_ms": ttft, "mean_tpot_ms": tpot}))
        told = self.plimsoll("calibrate", "deployment", EXAMPLE, self.folder / "2.json", self.folder / "16.json",
                             "--out", self.folder / "anchor.yaml")
        self.assertIn("Poor: TTFT of", told.stdout)
        self.assertIn("--save-detailed tells the lengths", told.stderr)

    def test_telemetry_and_guidellm_do_as_well(self):
        for name, count in (("before", 1000), ("after", 1400)):
            (self.folder / f"{name}.txt").write_text(scrape(count))
        told = self.plimsoll("calibrate", "deployment", EXAMPLE, "before.txt", "after.txt", "--out", "telemetry.yaml")
        self.assertIn("Measured: 4 requests in flight per replica, prompts of 1000 and answers of 200", told.stdout)
        self.assertIn("concurrency 4 is the mean of the gauges", told.stderr)
        (self.folder / "guidellm.json").write_text(json.dumps(report(4, 40)))
        told = self.plimsoll("calibrate", "deployment", EXAMPLE, "guidellm.json", "--out", "guidellm.yaml")
        self.assertIn("guidellm.json: benchmarks[0]", told.stdout)
        self.assertIn("source: guidellm", (self.folder / "guidellm.yaml").read_text().replace('"', ""))
        one = self.plimsoll("calibrate", "deployment", EXAMPLE, "before.txt", "--out", "one.yaml", code=2).stderr
        self.assertIn("is one scrape; a load is what happened between two", one)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
