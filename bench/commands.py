#!/usr/bin/env python3
"""Times whole commands: CPU-seconds and memory of `plimsoll run`, output included, HTML page excluded; then schedulers.

Usage: commands.py BUILD_DIR [RUNS] [--only serving|scheduling]
(a build with -DPLIMSOLL_BENCH=ON; RUNS: default 5, the median is printed)

Prints, for each command, the median over RUNS with its range, requests per CPU-second, the most memory resident, and
the share of time by part; for each scheduler the same of an experiment in CPU-seconds, or of a single decision in
microseconds. Before them the reference loop of this machine, so that figures of two machines compare.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

ARGUMENTS = argparse.ArgumentParser()
ARGUMENTS.add_argument("build", type=pathlib.Path)
ARGUMENTS.add_argument("runs", type=int, nargs="?", default=5)
ARGUMENTS.add_argument("--only", choices=["serving", "scheduling"])
CHOSEN = ARGUMENTS.parse_args()
BUILD = CHOSEN.build.resolve()
RUNS = CHOSEN.runs
SOURCE = pathlib.Path(__file__).resolve().parent.parent


def commands():
    """(what it is, number of requests, words behind `plimsoll run`)"""
    yield "1,000,000 chat requests, 16 replicas", 1_000_000, [SOURCE / "bench/scenarios/chat-1m.yaml"]
    yield "1,000,000 chat requests with prefixes, 16 replicas", 1_000_000, [SOURCE / "bench/scenarios/prefix-1m.yaml"]
    data = os.environ.get("PLIMSOLL_DATA")
    trace = pathlib.Path(data or "") / "azure_llm_2023/AzureLLMInferenceTrace_conv.csv.zst"
    if data and trace.exists():
        words = [SOURCE / "examples/chat-70b.yaml", "--trace", f"azure:{trace}"]
        yield "Azure 2023 conversation, 4 replicas", 19_366, words
    else:
        print("skipped: the Azure 2023 conversation trace ($PLIMSOLL_DATA is not set)")
    trace = pathlib.Path(data or "") / "mooncake_fast25/conversation_trace.jsonl.zst"
    if data and trace.exists():
        words = [SOURCE / "bench/scenarios/mooncake-8.yaml", "--trace", f"mooncake:{trace}"]
        yield "Mooncake conversation, 8 replicas with prefix caches", 12_031, words
    else:
        print("skipped: the Mooncake conversation trace ($PLIMSOLL_DATA is not set)")


def experiments():
    """(what it is, what it does, how many, program, benchmark)"""
    for policy in "fgd", "best_fit":
        yield f"openb experiment, {policy}", "pods", 10_900, "bench_scheduling", f"openb_experiment/{policy}"
    yield "Philly, srtf, each virtual cluster on its own nodes", "jobs", 52_841, "bench_jobs", "philly_srtf"


def decisions():
    """(what it is, program, benchmark)"""
    for policy in "fifo", "sjf", "easy_backfill", "srtf":
        yield f"100,000 gangs on 12,500 nodes of 8 GPUs, {policy}", "bench_jobs", f"a_large_backlog/{policy}/"


def once(words):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([BUILD / "plimsoll", "run", *map(str, words), "--threads", "1", "--no-report", "--quiet",
                        "--out", folder], check=True)
        return json.loads((pathlib.Path(folder) / "run.meta.json").read_text())


def show(name, requests, runs):
    cpu = sorted(run["cpu_s"] for run in runs)
    median = statistics.median(cpu)
    print(f"\n{name}")
    print(f"  {median:.3f} CPU-s ({cpu[0]:.3f} to {cpu[-1]:.3f}), {requests / median:,.0f} requests per CPU-second, "
          f"{max(run['peak_memory_bytes'] for run in runs) / 1e6:.0f} MB resident at most")
    for part in runs[0]["part_cpu_s"]:
        seconds = statistics.median(run["part_cpu_s"][part] for run in runs)
        print(f"  {part:<16}{seconds:8.3f} s {100 * seconds / median:6.1f} %")


def benchmark(program, name):
    """The runs of one benchmark, or None where its data is missing."""
    words = [BUILD / "bench" / program, f"--benchmark_filter=^{name}", f"--benchmark_repetitions={RUNS}",
             "--benchmark_format=json"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    runs = [run for run in json.loads(done.stdout)["benchmarks"] if run["run_type"] == "iteration"]
    for run in runs:
        if run.get("error_occurred"):
            print(f"\n{name}: {run['error_message']}")
            return None
    return runs


def show_schedulers():
    seconds_per = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    for name, things, count, program, which in experiments():
        runs = benchmark(program, which)
        if runs:
            cpu = sorted(run["cpu_time"] * seconds_per[run["time_unit"]] for run in runs)
            median = statistics.median(cpu)
            print(f"\n{name}\n  {median:.3f} CPU-s ({cpu[0]:.3f} to {cpu[-1]:.3f}), "
                  f"{count / median:,.0f} {things} per CPU-second")
    for name, program, which in decisions():
        runs = benchmark(program, which)
        medians = sorted(run["median_us"] for run in runs)
        print(f"\n{name}\n  {statistics.median(medians):.1f} us per decision ({medians[0]:.1f} to {medians[-1]:.1f}), "
              f"99th percentile {statistics.median(run['p99_us'] for run in runs):.0f} us")


def main():
    print(subprocess.run([BUILD / "bench/reference_loop"], check=True, capture_output=True, text=True).stdout, end="")
    if CHOSEN.only != "scheduling":
        for name, requests, words in commands():
            once(words)  # warm
            show(name, requests, [once(words) for _ in range(RUNS)])
    if CHOSEN.only != "serving":
        show_schedulers()


if __name__ == "__main__":
    main()
