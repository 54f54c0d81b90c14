#!/usr/bin/env python3
"""The program as its users meet it: what it prints, what it writes, how it refuses.

Usage: cli_test.py PLIMSOLL_EXECUTABLE SOURCE_DIR [unittest arguments]
"""
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(sys.argv[2]).resolve()
EXAMPLE = SOURCE / "examples" / "chat-70b.yaml"
TWO_POOLS = SOURCE / "examples" / "two-pools.yaml"
PREFILL_DECODE = SOURCE / "examples" / "prefill-decode.yaml"
TRAINING_CLUSTER = SOURCE / "examples" / "training-cluster.yaml"


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plimsoll-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def plimsoll(self, *words, code=0, **how):
        done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                              cwd=self.folder, timeout=120, **how)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def run_json(self, *words):
        return json.loads(self.plimsoll("run", *words, "--json", "--quiet").stdout)

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))

    def scenario(self, *replacements, name="scenario.yaml"):
        text = EXAMPLE.read_text().replace("../traces/", f"{SOURCE}/traces/")
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new)
        (self.folder / name).write_text(text)
        return name


class Run(CliTest):
    def test_the_example_prints_a_summary_and_writes_its_files(self):
        done = self.plimsoll("run", EXAMPLE, "--out", "out")
        for word in ("TTFT", "ITL", "TPOT", "E2E", "Goodput", "KV cache", "GPUs", "Cost", "Energy", "kWh", "Digest"):
            self.assertIn(word, done.stdout)
        self.assertEqual(self.files(), ["out", "out/report.html", "out/run.h5", "out/run.meta.json"])
        page = (self.folder / "out/report.html").read_text()
        self.assertNotIn("http://", page.replace("http://www.w3.org/2000/svg", ""))
        self.assertNotIn("<script src", page)
        meta = json.loads((self.folder / "out/run.meta.json").read_text())
        self.assertGreater(sum(seconds for seconds in meta["part_cpu_s"].values()), 0)

    def test_json_is_one_object_with_units_in_its_keys(self):
        summary = self.run_json(EXAMPLE, "--out", "out")
        pool = summary["pools"]["chat"]
        self.assertEqual(pool["requests_arrived"], pool["requests_completed"])
        self.assertEqual(pool["routing"], "least_request")
        for key in ("ttft_p99_s", "itl_p50_s", "tpot_p90_s", "e2e_p99_s", "goodput_requests_per_s", "cost_usd",
                    "energy_kwh"):
            self.assertGreater(pool[key], 0, key)

    def test_kv_transfers_are_shown_where_a_pool_has_prefill_replicas(self):
        summary = self.run_json(PREFILL_DECODE, "--out", "out")
        pool = summary["pools"]["chat"]
        self.assertEqual(pool["requests_arrived"], pool["requests_completed"])
        self.assertGreater(pool["kv_transfer_p99_s"], pool["kv_transfer_mean_s"])
        self.assertGreater(pool["kv_transfer_mean_s"], 1.84e-3)
        self.assertIn("KV moved", self.plimsoll("run", PREFILL_DECODE, "--out", "text").stdout)
        self.assertIsNone(self.run_json(TWO_POOLS, "--out", "two")["total"]["kv_transfer_mean_s"])

    def test_the_default_folder_is_new_each_time(self):
        self.plimsoll("run", EXAMPLE, "--quiet")
        self.plimsoll("run", EXAMPLE, "--quiet")
        self.assertEqual(len(list((self.folder / "runs").iterdir())), 2)

    def test_set_seed_and_trace_do_what_they_say(self):
        (self.folder / "three.csv").write_text("arrival_s,prompt_tokens,output_tokens\n0.5,100,10\n1,200,20\n1,5,1\n")
        summary = self.run_json(EXAMPLE, "--trace", "csv:three.csv", "--set", "pools.chat.replicas=2",
                                "--seed", "42", "--out", "out")
        self.assertEqual(summary["pools"]["chat"]["requests_arrived"], 3)
        self.assertEqual(summary["seed"], 42)
        first = self.run_json(TWO_POOLS, "--seed", "1", "--out", "a")
        other = self.run_json(TWO_POOLS, "--seed", "2", "--out", "b")
        self.assertNotEqual(first["digest"], other["digest"])

    def test_a_policy_can_be_named_on_the_command_line(self):
        digests = {self.run_json(EXAMPLE, "--set", f"policies.routing={name}", "--out", name)["digest"]
                   for name in ("round_robin", "random", "least_request", "active_request", "power_of_two")}
        self.assertEqual(len(digests), 5)

    def test_the_azure_trace_runs_whole(self):
        data = os.environ.get("PLIMSOLL_DATA")
        if not data:
            self.skipTest("skipped: $PLIMSOLL_DATA is not set, so the Azure 2023 trace is not at hand")
        trace = pathlib.Path(data) / "azure_llm_2023/AzureLLMInferenceTrace_conv.csv.zst"
        summary = self.run_json(EXAMPLE, "--trace", f"azure:{trace}", "--out", "out")
        self.assertEqual(summary["pools"]["chat"]["requests_arrived"], 19366)
        self.assertEqual(summary["pools"]["chat"]["requests_completed"], 19366)


class Jobs(CliTest):
    def test_a_day_of_jobs_beside_a_service_prints_both_and_says_why_jobs_wait(self):
        done = self.plimsoll("run", TRAINING_CLUSTER, "--out", "out")
        for word in ("chat:", "TTFT", "Jobs:", "easy_backfill", "JCT", "queueing", "Placement", "allocated",
                     "fragmented", "Pending"):
            self.assertIn(word, done.stdout)
        page = (self.folder / "out/report.html").read_text()
        self.assertIn("llama-8b", page)

    def test_json_has_the_jobs_and_the_reasons(self):
        summary = self.run_json(TRAINING_CLUSTER)
        jobs = summary["jobs"]
        self.assertEqual(jobs["jobs_submitted"],
                         sum(jobs[f"jobs_{state}"] for state in ("finished", "running", "pending", "rejected")))
        self.assertGreater(jobs["jct_mean_s"], 0)
        self.assertLess(jobs["fragmented_usd_per_day"], jobs["unallocated_usd_per_day"])

    def test_a_scheduler_can_be_named_on_the_command_line(self):
        digests = {self.run_json(TRAINING_CLUSTER, "--set", f"policies.scheduling={policy}")["digest"]
                   for policy in ("fifo", "las", "topology_aware")}
        self.assertEqual(len(digests), 3)

    def test_a_service_does_not_notice_the_jobs(self):
        pools = [self.run_json(TRAINING_CLUSTER, "--set", f"policies.scheduling={policy}")["pools"]
                 for policy in ("fifo", "las")]
        self.assertEqual(*pools)


class Determinism(CliTest):
    def bytes_of(self, scenario, threads, *words):
        out = f"out-{time.monotonic_ns()}"
        self.plimsoll("run", scenario, "--quiet", "--no-report", "--threads", threads, "--out", out, *words)
        return hashlib.sha256((self.folder / out / "run.h5").read_bytes()).hexdigest()

    def test_run_h5_has_the_same_bytes_for_any_number_of_threads_and_twice_over(self):
        for scenario, words in ((EXAMPLE, ()), (TWO_POOLS, ()), (PREFILL_DECODE, ()),
                                (TRAINING_CLUSTER, ()),
                                (TRAINING_CLUSTER, ("--set", "policies.scheduling=srtf")),
                                (TWO_POOLS, ("--set", "policies.routing=active_request")),
                                (TWO_POOLS, ("--set", "observe.sensors={period: 0s, delay: 0s}"))):
            seen = {self.bytes_of(scenario, threads, *words) for threads in (1, 2, 3, 8, 1, 2, 3, 8)}
            self.assertEqual(len(seen), 1, (scenario, words))


class TwoWorlds(CliTest):
    def test_advice_on_the_views_of_a_run_is_the_decisions_of_the_run(self):
        for policy in ("round_robin", "random", "least_request", "active_request", "power_of_two"):
            for threads in (1, 2):
                views = self.folder / f"{policy}-{threads}.jsonl"
                self.plimsoll("run", TWO_POOLS, "--quiet", "--set", f"policies.routing={policy}",
                              "--set", "run.horizon=30s", "--threads", threads, "--dump-views", views,
                              "--out", f"{policy}{threads}")
                decisions = "".join(line + "\n" for line in views.read_text().splitlines()
                                    if line.startswith('{"kind":"decision"'))
                self.assertGreater(decisions.count("\n"), 100)
                self.assertTrue(self.plimsoll("advise", "--snapshot", views).stdout == decisions, policy)
            one, two = (hashlib.sha256((self.folder / f"{policy}-{t}.jsonl").read_bytes()).digest() for t in (1, 2))
            self.assertEqual(one, two)

    def test_a_changed_view_changes_the_advice(self):
        views = self.folder / "views.jsonl"
        self.plimsoll("run", TWO_POOLS, "--quiet", "--set", "run.horizon=30s", "--dump-views", views, "--out", "out")
        text = views.read_text()
        before = self.plimsoll("advise", "--snapshot", views).stdout
        views.write_text("".join(line.replace('"waiting":0', '"waiting":70') if '"replica":"tasks-0"' in line else line
                                 for line in text.splitlines(keepends=True)))
        after = self.plimsoll("advise", "--snapshot", views).stdout
        self.assertGreater(before.count("tasks-0"), 50)
        self.assertLess(after.count("tasks-0"), 10)

    def test_a_broken_recording_is_refused_with_its_line(self):
        line = '{"kind":"decision","pool":"x","time_ns":0,"request":0,"prompt_tokens":1}'
        (self.folder / "bad.jsonl").write_text(f"\n{line}\n")
        done = self.plimsoll("advise", "--snapshot", "bad.jsonl", code=2)
        self.assertIn('bad.jsonl:2:1: pool "x" has no "begin" line', done.stderr)
        self.assertIn("cannot be read", self.plimsoll("advise", "--snapshot", "none.jsonl", code=2).stderr)


class WrongInput(CliTest):
    """One message per fault, with its place; exit code 2; nothing is written."""

    def refused(self, *words, says):
        before = self.files()
        done = self.plimsoll("run", *words, code=2)
        self.assertEqual(done.stdout, "")
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, done.stderr)
        self.assertEqual(self.files(), before)
        return done.stderr

    def test_wrong_scenarios(self):
        cases = [
            (("replicas: 4", "replicsa: 4"), ['replicsa', 'Did you mean "replicas"?']),
            (("replicas: 4", "replicas: 4\n    replicas: 3"), ["duplicate key", "already stands at"]),
            (("type: hgx_h100_8", "type: hgx_h100_9"), ["hgx_h100_9", 'Did you mean "hgx_h100_8"?']),
            (("model: llama-3.1-70b", "model: llama-3.1-70c"), ["llama-3.1-70c", 'Did you mean "llama-3.1-70b"?']),
            (("routing: least_request", "routing: least_requst"), ["least_requst", 'Did you mean "least_request"?']),
            (("replicas: 4", "replicas: -4"), ["replicas", "-4"]),
            (("replicas: 4", "replicas: 5"), ["replicas"]),
            (("tensor_parallel: 4", "tensor_parallel: 1"), ["141", "GB"]),
            (("period: 50ms", "period: 50 parsecs"), ["parsecs"]),
            (("period: 50ms", "period: .nan"), ["period"]),
            (("period: 50ms", "period: 1ns"), ["scrapes more often than every"]),
            (("interval: 10s", "interval: 1us"), ["interval", "outside"]),
            (("horizon: 1h", "drain: false"), ["run.drain = false", "run.horizon"]),
        ]
        for replacement, says in cases:
            with self.subTest(replacement[1]):
                message = self.refused(self.scenario(replacement), says=["scenario.yaml:", *says])
                self.assertRegex(message, r"scenario\.yaml:\d+:\d+: ")

    def test_all_faults_are_reported_at_once(self):
        name = self.scenario(("replicas: 4", "replicsa: 4"), ("routing: least_request", "routing: nobody"),
                             ("model: llama-3.1-70b", "model: llama-3.1-70c"))
        message = self.refused(name, says=["replicsa", "nobody", "llama-3.1-70c"])
        self.assertEqual(message.count("scenario.yaml:"), 3, message)

    def test_wrong_jobs(self):
        (self.folder / "jobs.csv").write_text("name,submit_s,gpus\na,0,8\n")
        for text, expected in (
                ("trace: {format: csv, path: jobs.csv}", 'unknown column "duration_s"'),
                ("trace: {format: csv, path: none.csv}", "there is no file"),
                ("synthetic: {like: philli}", 'unknown law of jobs "philli". Did you mean "philly"?'),
                ("list: [{name: a, gang: [{gpus: 17}], duration: 1h}]", "= 17 is outside [0, 16]"),
                ("list: [{name: a, gang: [{gpus: 8}], training: {model: llama-3.1-8b, steps: 1, batch: 9, "
                 "sequence: 4096}}]", "batch"),
        ):
            (self.folder / "s.yaml").write_text(
                "apiVersion: plimsoll.dev/v1alpha1\ncluster: {nodes: {a: {type: hgx_h100_8}}}\n"
                "policies: {scheduling: fifo}\nrun: {horizon: 1h}\njobs:\n  x:\n    " + text + "\n")
            self.assertIn(expected, self.plimsoll("run", "s.yaml", code=2).stderr)
        self.assertEqual(self.files(), ["jobs.csv", "s.yaml"])

    def test_wrong_flags(self):
        self.refused(EXAMPLE, "--thread", "2", says="--thread")
        self.refused(EXAMPLE, "--threads", "0", says="[1, 1024]")
        self.refused(EXAMPLE, "--seed", "x", says="x")
        self.refused(EXAMPLE, "--set", "pools.chat.replicsa=3", says=["--set pools.chat.replicsa=3", "replicas"])
        self.refused(EXAMPLE, "--trace", "azur:x.csv", says=["azur", 'Did you mean "azure"?'])
        self.refused(EXAMPLE, "--trace", "csv:none.csv", says=["none.csv"])
        self.refused(says="scenario is missing")
        self.refused("none.yaml", says="none.yaml")
        self.refused(TWO_POOLS, "--trace", "csv:none.csv", says="which of the scenario's pools")
        done = self.plimsoll("rnu", code=2)
        self.assertIn('Did you mean "run"?', done.stderr)

    def test_wrong_traces(self):
        head = "arrival_s,prompt_tokens,output_tokens\n"
        for text, says in (("", "t.csv"), ("a,b\n", "t.csv:1"), (head + "0,1\n", "t.csv:2"),
                           (head + "0,nan,1\n", "t.csv:2:3"),
                           (head + "nan,1,1\n", "t.csv:2:1"), (head + "2,1,1\n1,1,1\n", "t.csv:3:1"),
                           (head + "0,-5,1\n", "t.csv:2:3"), (head, "t.csv")):
            with self.subTest(text):
                (self.folder / "t.csv").write_text(text)
                self.refused(EXAMPLE, "--trace", "csv:t.csv", says=says)
        whole = (SOURCE / "traces/synthetic/chat_1h.csv.zst").read_bytes()
        (self.folder / "cut.csv.zst").write_bytes(whole[:len(whole) // 2])
        self.refused(EXAMPLE, "--trace", "csv:cut.csv.zst", says="cut.csv.zst")


class RefusedByTheMachine(CliTest):
    def test_a_file_size_limit_leaves_nothing_under_the_final_name(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        done = self.plimsoll("run", EXAMPLE, "--out", "out", "--quiet", code=1, preexec_fn=limit)
        self.assertIn("run.h5", done.stderr)
        self.assertEqual(self.files(), [])

    def test_a_full_disk_leaves_nothing_under_the_final_name(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True).returncode:
            self.skipTest("skipped: no permission to mount a tmpfs")
        try:
            done = self.plimsoll("run", EXAMPLE, "--out", disk / "out", "--quiet", code=1)
            self.assertIn("No space left on device", done.stderr)
            self.assertEqual(list(disk.iterdir()), [])
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_an_interrupt_says_that_nothing_was_written(self):
        child = subprocess.Popen([PROGRAM, "run", TWO_POOLS, "--out", "out", "--quiet", "--set", "run.horizon=80000h",
                                  "--set", "observe.interval=1h"],
                                 cwd=self.folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(0.7)
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130, errors)
        self.assertIn("interrupted", errors)
        self.assertEqual(self.files(), [])

    def test_a_killed_run_is_noticed_by_the_next(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/.run.h5.partial").write_bytes(b"half")
        done = self.plimsoll("run", EXAMPLE, "--out", "out", "--quiet")
        self.assertIn(".run.h5.partial", done.stderr)
        self.assertEqual(self.files(), ["out", "out/report.html", "out/run.h5", "out/run.meta.json"])


class OtherCommands(CliTest):
    def test_the_shipped_trace_is_what_its_recipe_makes(self):
        self.plimsoll("trace", "synthesize", SOURCE / "traces/synthetic/chat_1h.yaml", "--output", "again.csv")
        shipped = subprocess.run(["zstd", "-dc", SOURCE / "traces/synthetic/chat_1h.csv.zst"], capture_output=True)
        if shipped.returncode:
            self.skipTest("skipped: no zstd program")
        self.assertEqual((self.folder / "again.csv").read_bytes(), shipped.stdout)

    def test_a_recipe_that_names_no_table_is_refused_at_its_line(self):
        text = (SOURCE / "traces/synthetic/chat_1h.yaml").read_text()
        (self.folder / "recipe.yaml").write_text(text.replace("azure_2023_conversation", "azure_2023_conversatoin"))
        done = self.plimsoll("trace", "synthesize", "recipe.yaml", "--output", "t.csv", code=2)
        self.assertRegex(done.stderr, r'recipe\.yaml:\d+:\d+: .*Did you mean "azure_2023_conversation"\?')
        self.assertEqual(self.files(), ["recipe.yaml"])

    def test_policies_are_listed(self):
        listed = self.plimsoll("policies").stdout
        for name in ("round_robin", "random", "least_request", "active_request", "power_of_two"):
            self.assertIn(name, listed)

    def test_the_catalog_is_listed_shown_and_whole(self):
        self.assertIn("deepseek-v3", self.plimsoll("catalog", "list", "models").stdout)
        self.assertNotIn("deepseek-v3", self.plimsoll("catalog", "list", "gpus").stdout)
        shown = self.plimsoll("catalog", "show", "gpus", "h100-sxm").stdout
        self.assertIn("nvidia_h100_sxm", shown)
        self.assertRegex(shown, r"bf16_dense +989 TFLOP/s +\[\d+\]")
        model = json.loads(self.plimsoll("catalog", "show", "models", "llama-3.1-8b", "--json").stdout)
        self.assertEqual(model["figures"]["layers"]["value"], 32)
        self.assertEqual(model["derived"]["bf16_kv_bytes_per_token"], 131072)
        self.assertIn("no fault", self.plimsoll("catalog", "check").stdout)
        refused = self.plimsoll("catalog", "show", "model", "llama-3.1-8b", code=2).stderr
        self.assertIn('Did you mean "models"?', refused)

    def test_a_catalog_with_faults_is_refused_with_all_of_them(self):
        (self.folder / "mine/gpus").mkdir(parents=True)
        (self.folder / "mine/gpus/a.yaml").write_text("memory_capacity: 80 GB\n")
        (self.folder / "mine/gpus/b.yaml").write_text("memory_capacty: 80 GB\n")
        refused = self.plimsoll("catalog", "check", "--catalog", "mine", code=2).stderr
        self.assertIn("has no source", refused)
        self.assertIn('Did you mean "memory_capacity"?', refused)

    PLAN = ("plan", "--search", "parallelism", "--model", "llama-3.1-70b", "--node", "hgx_h100_8", "--gpus", "32",
            "--dtype", "bf16,fp8", "--engine", "vllm-0.19,sglang-0.5", "--isl", "1024", "--osl", "256")

    def test_a_plan_holds_its_bounds_whatever_the_threads(self):
        words = (*self.PLAN, "--ttft-slo", "500ms", "--tpot-slo", "30ms", "--json")
        text = self.plimsoll(*words, "--threads", "2").stdout
        self.assertEqual(self.plimsoll(*words, "--threads", "1").stdout, text)
        plan = json.loads(text)
        self.assertGreater(len(plan["choices"]), 20)
        for choice in plan["choices"]:
            self.assertLessEqual(choice["ttft_s"], 0.5)
            self.assertLessEqual(choice["tpot_s"], 0.03)
            self.assertLessEqual(choice["replicas"] * choice["tensor_parallel"] * choice["pipeline_parallel"], 32)
        rejected = sum(reason["count"] for reason in plan["rejected"].values())
        self.assertEqual(rejected + len(plan["choices"]), plan["configurations"])
        self.assertIn("does not fit in memory", plan["rejected"])
        table = self.plimsoll(*self.PLAN, "--ttft-slo", "500ms", "--tpot-slo", "30ms").stdout
        self.assertIn("Pareto front", table)
        self.assertIn("+-", table)

    def test_a_plan_from_a_file_is_the_plan_from_flags(self):
        query = self.folder / "query.yaml"
        query.write_text("model: llama-3.1-8b\nnode: hgx_h100_8\ngpus: 8\nisl: 512\nosl: 64\n"
                         "ttft_slo: 500ms\ntpot_slo: 20ms\n")
        flags = ("--model", "llama-3.1-8b", "--node", "hgx_h100_8", "--isl", "512", "--osl", "64",
                 "--ttft-slo", "500ms", "--tpot-slo", "20ms")
        plan = ("plan", "--search", "parallelism", "--json")
        self.assertEqual(self.plimsoll(*plan, "--from", query).stdout, self.plimsoll(*plan, *flags).stdout)

    def test_a_wrong_plan_is_refused_with_all_its_faults(self):
        errors = self.plimsoll(*self.PLAN, "--ttft-slo", "500ms", "--tpot-slo", "30", code=2).stderr
        self.assertIn("--tpot-slo 30: tpot_slo = 30 has no unit", errors)
        errors = self.plimsoll("plan", "--search", "parallelism", "--model", "llama-3.1-70", "--node", "hgx_h100_8",
                               "--dtype", "fp9", "--engine", "vllm-9", "--isl", "9", "--ttft-slo", "1s",
                               "--tpot-slo", "1s", code=2).stderr
        for fault in ('"llama-3.1-70"', '"vllm-9"', "fp9", "isl and osl are missing"):
            self.assertIn(fault, errors)

    def test_every_command_has_help(self):
        for words in ((), ("run",), ("trace",), ("trace", "fit"), ("trace", "synthesize"), ("policies",), ("advise",),
                      ("catalog",), ("catalog", "list"), ("catalog", "show"), ("catalog", "check"), ("plan",),
                      ("calibrate", "deployment")):
            self.assertIn("Usage: plimsoll", self.plimsoll(*words, "--help").stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
