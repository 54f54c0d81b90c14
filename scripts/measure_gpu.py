#!/usr/bin/env python3
"""Measures a GPU's operators with PyTorch and writes tables that `plimsoll calibrate operators` reads.

Matrix products, attention of prompts and of decoding sequences, and (under torchrun) all-reduce, timed with CUDA events
after a warm-up: the median of the repeats, of calls replayed from a CUDA graph where one can be captured, so that the
host's launches are not what is timed. The layout is aiconfigurator's: latency in ms, message_size in elements.

    scripts/measure_gpu.py --system my_gpu --out measured/
    torchrun --nproc-per-node 4 scripts/measure_gpu.py --system my_gpu --out measured/ --only all_reduce
    plimsoll calibrate operators --gpu NAME --system my_gpu measured/ --out NAME.yaml

`--device cpu --quick` runs everything with a few small shapes, to try the script where there is no GPU.
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import time

import torch
import torch.distributed as dist
import torch.nn.functional as functional

HEAD = ["system", "backend", "version"]
DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}

ROWS = [1, 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16384]
WIDTHS = [128, 512, 1024, 2048, 4096, 5120, 8192, 14336, 28672, 65536]
HEADS = [(4, 1), (8, 1), (8, 2), (16, 2), (16, 4), (32, 4), (32, 8), (64, 8)]
PROMPTS = [16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384]
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256]
CONTEXTS = [16, 64, 256, 1024, 4096, 16384, 65536]
MESSAGES = [1 << power for power in range(7, 28)]
MOST_BYTES = 16e9  # of one operator's tensors


class Timer:
    """Median time of one call, in ms."""

    def __init__(self, device, repeats, calls):
        self.cuda = device.type == "cuda"
        self.repeats = repeats
        self.calls = calls

    def captured(self, call):
        """`calls` calls as one: a CUDA graph where possible."""
        def several():
            for _ in range(self.calls):
                call()
        if not self.cuda:
            return several
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            call()
        torch.cuda.current_stream().wait_stream(stream)
        try:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                several()
            return graph.replay
        except RuntimeError:
            return several

    def milliseconds(self, call):
        for _ in range(3):
            call()
        run = self.captured(call)
        run()
        times = []
        for _ in range(self.repeats):
            if self.cuda:
                begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                begin.record()
                run()
                end.record()
                end.synchronize()
                times.append(begin.elapsed_time(end))
            else:
                start = time.perf_counter()
                run()
                times.append((time.perf_counter() - start) * 1e3)
        return statistics.median(times) / self.calls


class Table:
    """One CSV file; its first three columns are the system, the backend and the version."""

    def __init__(self, path, head, columns):
        self.file = open(path, "w", newline="", encoding="utf-8")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow(HEAD + columns)
        self.head = head

    def add(self, *values):
        self.writer.writerow(self.head + list(values))
        self.file.flush()


def random(device, dtype, *shape):
    return torch.randn(*shape, device=device, dtype=torch.float32).to(dtype)


def measure_gemm(options, timer, head):
    table = Table(options.out / "gemm_perf.csv", head,
                  ["kernel_source", "gemm_dtype", "m", "n", "k", "latency"])
    rows = [1, 8, 64] if options.quick else ROWS
    widths = [32, 128, 256] if options.quick else WIDTHS
    for n in widths:
        for k in widths:
            weight = random(options.device, options.dtype, n, k)
            for m in rows:
                if 2.0 * (m * k + n * k + m * n) > MOST_BYTES:
                    continue
                value = random(options.device, options.dtype, m, k)
                latency = timer.milliseconds(lambda: functional.linear(value, weight))
                table.add("torch.nn.functional.linear", options.dtype_name, m, n, k, latency)


def attention_columns():
    return ["op_name", "kernel_source", "batch_size", "isl", "num_heads", "num_key_value_heads",
            "head_dim", "beam_width", "attn_dtype", "kv_cache_dtype", "step", "latency"]


def flash_attention():
    """The function of the flash-attn package, or None."""
    try:
        from flash_attn import flash_attn_func
        return flash_attn_func
    except ImportError:
        return None


def attention(options, batch, heads, kv_heads, queries, keys):
    """A call that attends causally, and the name of its kernel; with one query, all keys are seen."""
    device, dtype, width = options.device, options.dtype, options.head_dim
    flash = flash_attention() if device.type == "cuda" else None
    if flash:
        q = random(device, dtype, batch, queries, heads, width)
        k, v = (random(device, dtype, batch, keys, kv_heads, width) for _ in range(2))
        return lambda: flash(q, k, v, causal=True), "flash_attn"
    q = random(device, dtype, batch, heads, queries, width)
    k, v = (random(device, dtype, batch, kv_heads, keys, width) for _ in range(2))
    k, v = (x.repeat_interleave(heads // kv_heads, 1) for x in (k, v))
    if hasattr(functional, "scaled_dot_product_attention"):
        return (lambda: functional.scaled_dot_product_attention(q, k, v, is_causal=queries > 1),
                "scaled_dot_product_attention")
    mask = torch.full((queries, keys), float("-inf"), device=device, dtype=dtype).triu(1)
    mask = mask if queries > 1 else torch.zeros_like(mask)  # PyTorch 1
    return (lambda: torch.matmul(torch.softmax(q @ k.transpose(-1, -2) / width**0.5 + mask, -1), v),
            "matmul_softmax_matmul")


def attention_bytes(options, batch, heads, keys):
    return 4.0 * batch * heads * keys * options.head_dim


def measure_prefill(options, timer, head):
    table = Table(options.out / "context_attention_perf.csv", head, attention_columns())
    for heads, kv_heads in [(4, 1), (8, 2)] if options.quick else HEADS:
        for prompt in [16, 32, 64, 128] if options.quick else PROMPTS:
            call, kernel = attention(options, 1, heads, kv_heads, prompt, prompt)
            table.add("context_attention", kernel, 1, prompt, heads, kv_heads, options.head_dim, 1,
                      options.dtype_name, options.dtype_name, 0, timer.milliseconds(call))


def measure_decode(options, timer, head):
    table = Table(options.out / "generation_attention_perf.csv", head, attention_columns())
    for heads, kv_heads in [(4, 1), (8, 2)] if options.quick else HEADS:
        for batch in [1, 4] if options.quick else BATCHES:
            for context in [16, 64, 256] if options.quick else CONTEXTS:
                if attention_bytes(options, batch, heads, context) > MOST_BYTES:
                    continue
                call, kernel = attention(options, batch, heads, kv_heads, 1, context)
                table.add("generation_attention", kernel, batch, 1, heads, kv_heads,
                          options.head_dim, 1, options.dtype_name, options.dtype_name, context - 1,
                          timer.milliseconds(call))


def measure_all_reduce(options, timer, head):
    backend = "nccl" if options.device.type == "cuda" else "gloo"
    dist.init_process_group(backend)
    rank, gpus = dist.get_rank(), dist.get_world_size()
    table = Table(options.out / f"all_reduce_perf_{gpus}.csv", head,
                  ["op_name", "kernel_source", "allreduce_dtype", "num_gpus", "message_size",
                   "latency"]) if rank == 0 else None
    for elements in MESSAGES[:8] if options.quick else MESSAGES:
        value = random(options.device, options.dtype, elements)
        dist.barrier()
        latency = timer.milliseconds(lambda: dist.all_reduce(value))
        if table:
            table.add("all_reduce", backend, options.dtype_name, gpus, elements, latency)
    dist.destroy_process_group()


MEASUREMENTS = {"gemm": measure_gemm, "prefill": measure_prefill, "decode": measure_decode,
                "all_reduce": measure_all_reduce}


def circumstances(device):
    """What a reader of the tables wants to know: date, versions, device, driver and clocks."""
    facts = {"date": datetime.date.today().isoformat(), "torch": torch.__version__}
    if device.type != "cuda":
        return facts
    facts.update(gpu=torch.cuda.get_device_name(), cuda=torch.version.cuda)
    fields = "driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.limit"
    try:
        facts["nvidia_smi"] = subprocess.run(
            ["nvidia-smi", f"--query-gpu={fields}", "--format=csv"], check=True,
            capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        facts["nvidia_smi"] = "not available"
    return facts


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", required=True, help="name of the GPU in the tables")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder to write")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--dtype", default="bfloat16", choices=sorted(DTYPES), dest="dtype_name")
    parser.add_argument("--head-dim", type=int, default=128)
    parser.add_argument("--only", choices=sorted(MEASUREMENTS), action="append",
                        help="may be repeated; default: all, all_reduce under torchrun alone")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="a few small shapes")
    options = parser.parse_args()
    options.dtype = DTYPES[options.dtype_name]
    local = int(os.environ.get("LOCAL_RANK", "0"))
    options.device = torch.device("cuda", local) if options.device == "cuda" else torch.device("cpu")
    if options.device.type == "cuda":
        torch.cuda.set_device(options.device)
    return options


def main():
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    launched = "WORLD_SIZE" in os.environ
    names = options.only or [name for name in MEASUREMENTS if name != "all_reduce" or launched]
    timer = Timer(options.device, options.repeats, calls=3 if options.quick else 10)
    head = [options.system, "torch", torch.__version__]
    if int(os.environ.get("RANK", "0")) == 0:
        facts = json.dumps(circumstances(options.device), indent=2)
        (options.out / "circumstances.json").write_text(facts + "\n", encoding="utf-8")
    with torch.no_grad():
        for name in names:
            MEASUREMENTS[name](options, timer, head)


if __name__ == "__main__":
    main()
