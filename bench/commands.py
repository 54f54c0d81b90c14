#!/usr/bin/env python3
"""Times whole commands: CPU-seconds and memory of `plimsoll run`, output included, HTML page excluded.

Usage: commands.py BUILD_DIR [RUNS]     (a build with -DPLIMSOLL_BENCH=ON; RUNS: default 5, the median is printed)

Prints, for each command, the median over RUNS with its range, requests per CPU-second, the most memory resident, and
the share of time by part; before them the reference loop of this machine, so that figures of two machines compare.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(sys.argv[1]).resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
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


def main():
    print(subprocess.run([BUILD / "bench/reference_loop"], check=True, capture_output=True, text=True).stdout, end="")
    for name, requests, words in commands():
        once(words)  # warm
        show(name, requests, [once(words) for _ in range(RUNS)])


if __name__ == "__main__":
    main()
