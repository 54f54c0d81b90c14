#!/usr/bin/env python3
"""Fits the constants of hardware/catalog/collectives to measured collectives and writes these files.

Usage: fit_collectives.py DATA [OUTPUT_FOLDER]    (needs NumPy, SciPy and pandas)

DATA holds aic_kernels/ and vidur_network/. The law of a term is hardware/topology/collective_spec.hpp's; a fit is a few
terms of which the fastest counts. Versions of a library that a common law holds for share one. Deterministic.
"""
from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls

AIC = "ai-dynamo/aiconfigurator@095f58a, Apache-2.0"
VIDUR = "microsoft/vidur, MIT"
GPUS = {  # in the measurements: in the catalogue, bytes/s of a GPU's link in one direction, PCIe only
    "a100_sxm": ("nvidia_a100_sxm_80gb", 300e9, False),
    "h100_sxm": ("nvidia_h100_sxm", 450e9, False),
    "h200_sxm": ("nvidia_h200_sxm", 450e9, False),
    "b200_sxm": ("nvidia_b200_sxm", 900e9, False),
    "b300_sxm": ("nvidia_b300_sxm", 900e9, False),
    "gb200": ("nvidia_gb200", 900e9, False),
    "gb300": ("nvidia_gb300", 900e9, False),
    "l40s": ("nvidia_l40s", 31.5e9, True),
    "rtx_pro_6000_server": ("nvidia_rtx_pro_6000", 63e9, True),
}
KERNELS = {"vLLM_custom_graph": "vllm", "SGLang_CustomAllReduce_graph": "sglang", "TRTLLM": "trtllm"}
OPERATIONS = {"all_reduce": "all_reduce", "all_gather": "all_gather", "reduce_scatter": "reduce_scatter",
              "alltoall": "all_to_all"}
MERGED_MEDIAN = 0.05  # versions share a law while each group's median error stays below


def read(path: Path) -> pd.DataFrame:
    if path.suffix != ".zst":
        return pd.read_csv(path)
    return pd.read_csv(io.BytesIO(subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout))


def steps(operation: str, algorithm: str, n: np.ndarray) -> np.ndarray:
    if operation == "send_recv":
        return np.ones_like(n)
    passes = 2 if operation == "all_reduce" else 1
    return {"ring": passes * (n - 1), "pairwise": n - 1, "nvls": passes * np.ones_like(n),
            "one_shot": np.ones_like(n), "two_shot": 2 * np.ones_like(n)}[algorithm]


def wire(operation: str, algorithm: str, n: np.ndarray) -> np.ndarray:
    if operation == "send_recv" or algorithm == "nvls":
        return np.ones_like(n)
    if algorithm == "one_shot":
        return n - 1
    return (2 if operation == "all_reduce" else 1) * (n - 1) / n


@dataclass
class Rows:
    """Measured times in us."""

    n: np.ndarray
    size: np.ndarray
    us: np.ndarray

    def group(self, n: float) -> "Rows":
        return self.at(self.n == n)

    def at(self, mask: np.ndarray) -> "Rows":
        return Rows(self.n[mask], self.size[mask], self.us[mask])


@dataclass
class Law:
    operation: str
    bandwidth: float
    algorithms: list[str]
    most: list[float] = field(default_factory=list)
    terms: list[np.ndarray | None] = field(default_factory=list)

    def predict(self, rows: Rows) -> np.ndarray:
        return self.each(rows).min(0)

    def each(self, rows: Rows) -> np.ndarray:
        times = []
        for algorithm, most, term in zip(self.algorithms, self.most, self.terms):
            time = np.full(len(rows.us), np.inf)
            if term is not None:
                usable = rows.size <= most
                time[usable] = (design(self, algorithm, rows) @ term)[usable]
            times.append(time)
        return np.stack(times)

    def errors(self, rows: Rows) -> np.ndarray:
        return np.abs(self.predict(rows) / rows.us - 1)

    def worst_median(self, rows: Rows) -> float:
        errors = self.errors(rows)
        return max(float(np.median(errors[rows.n == n])) for n in np.unique(rows.n))


def design(law: Law, algorithm: str, rows: Rows) -> np.ndarray:
    one = np.ones_like(rows.n)
    bytes_us = wire(law.operation, algorithm, rows.n) * rows.size / law.bandwidth * 1e6
    columns = [one, steps(law.operation, algorithm, rows.n), bytes_us, bytes_us / rows.n]
    if len(np.unique(rows.n)) == 1:
        columns[3] = 0 * one
    if np.ptp(columns[1]) == 0:  # launch and steps cannot be told apart
        columns[1] = 0 * one
    return np.stack(columns, 1)


def robust_term(matrix: np.ndarray, us: np.ndarray) -> np.ndarray:
    """Non-negative, least absolute relative errors by reweighting."""
    matrix = matrix / us[:, None]
    weight = np.ones(len(us))
    for _ in range(5):
        term, _ = nnls(matrix * np.sqrt(weight)[:, None], np.sqrt(weight), maxiter=400)
        weight = 1 / np.maximum(np.abs(matrix @ term - 1), 0.015)
    return term


def fit_law(operation: str, bandwidth: float, algorithms: list[str], rows: Rows, starts: int,
            limits: list[float]) -> Law:
    """Terms by turns: give each row to its fastest term, fit each term to its rows; the best of many starts."""
    random = np.random.default_rng(1)
    log_size = np.log2(rows.size)
    best, best_score = None, np.inf
    for start in range(starts):
        law = Law(operation, bandwidth, list(algorithms), [np.inf] * len(algorithms))
        if limits and start % 2:
            for term in range(len(algorithms) - 1):
                law.most[term] = random.choice(limits)
        cuts = np.sort(random.uniform(log_size.min(), log_size.max(), len(algorithms) - 1))
        owner = np.digitize(log_size - random.uniform(0, 1) * np.log2(rows.n), cuts)
        for _ in range(25):
            law.terms = []
            for term, algorithm in enumerate(algorithms):
                mine = (owner == term) & (rows.size <= law.most[term])
                enough = mine.sum() >= 3
                some = rows.at(mine)
                law.terms.append(robust_term(design(law, algorithm, some), some.us) if enough else None)
            if all(term is None or limit < np.inf for term, limit in zip(law.terms, law.most)):
                break
            each = law.each(rows)
            errors = np.abs(np.log(each.min(0) / rows.us))
            groups = [errors[rows.n == n] for n in np.unique(rows.n)]
            score = errors.mean() + max(np.median(group) for group in groups) + np.quantile(errors, 0.9) / 2
            if score < best_score - 1e-9:
                best_score = score
                best = Law(operation, bandwidth, list(algorithms), list(law.most), list(law.terms))
            fastest = each.argmin(0)
            if (fastest == owner).all():
                break
            owner = fastest
    return best


def number(value: float) -> str:
    return f"{value:.4g}" if value < 1e4 else f"{value:.0f}"


def term_text(law: Law, index: int) -> str:
    launch, step, slowdown, over = law.terms[index]
    protocol = ["ll", "ll128", "simple", "simple"][min(index, 3)] if law.algorithms[index] == "ring" else "simple"
    text = (f"{{algorithm: {law.algorithms[index]}, protocol: {protocol}, launch_us: {number(launch)}, "
            f"step_us: {number(step)}, slowdown: {number(slowdown)}")
    if over > 0:
        text += f", slowdown_over_gpus: {number(over)}"
    if law.most[index] < np.inf:
        text += f", most: {int(law.most[index])} B"
    return text + "}"


def fit_text(library: str, law: Law, rows: Rows, nodes: int, versions: list[str], source: str) -> str:
    groups = ", ".join(str(int(n)) for n in np.unique(rows.n))
    lines = [f"  - library: {library}", f"    operation: {law.operation}", f"    gpus: [{groups}]"]
    if nodes > 1:
        lines.append(f"    nodes: {nodes}")
    lines += [f"    bandwidth: {number(law.bandwidth / 1e9)} GB/s", "    terms:"]
    lines += [f"      - {term_text(law, i)}" for i, term in enumerate(law.terms) if term is not None]
    if versions:
        lines.append("    versions: [" + ", ".join(f'"{v}"' for v in versions) + "]")
    lines += [f'    source: "{source}"', f"    rows: {len(rows.us)}",
              f"    median_error: {np.median(law.errors(rows)):.4f}"]
    return "\n".join(lines) + "\n"


def rows_of(table: pd.DataFrame) -> Rows:
    return Rows(table.num_gpus.to_numpy(float), table.bytes.to_numpy(float), table.us.to_numpy(float))


def shared_laws(table: pd.DataFrame, fit) -> list[tuple[list[str], pd.DataFrame, Law]]:
    """Versions, newest first, join the first law that still fits every group well with them."""
    clusters: list[list[str]] = []
    tables = {str(version): rows for version, rows in table.groupby("version")}
    for version in sorted(tables, reverse=True):
        for cluster in clusters:
            joint = pd.concat([tables[v] for v in [*cluster, version]])
            law = fit(rows_of(joint), 6)
            if all(law.worst_median(rows_of(tables[v])) <= MERGED_MEDIAN for v in [*cluster, version]):
                cluster.append(version)
                break
        else:
            clusters.append([version])
    laws = []
    for cluster in reversed(clusters):
        joint = pd.concat([tables[v] for v in cluster])
        laws.append((sorted(cluster), joint, fit(rows_of(joint), 80)))
    return laws


LIMITS = [2.0**k for k in range(15, 29)]


def fits_of(library: str, operation: str, table: pd.DataFrame, bandwidth: float, algorithms: list[str], apart: bool,
            source: str) -> str:
    """`apart`: a law for each size of group, where PCIe makes groups differ in kind."""
    text = ""
    parts = [part for _, part in table.groupby("num_gpus")] if apart else [table]
    for part in parts:
        fit = lambda rows, starts: fit_law(operation, bandwidth, algorithms, rows, starts,
                                           LIMITS if library != "nccl" or apart else [])
        for versions, joint, law in shared_laws(part, fit):
            text += fit_text(library, law, rows_of(joint), 1, versions, source)
    return text


def aic_tables(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = data / "aic_kernels"
    nccl = pd.concat([read(f) for f in sorted(folder.glob("comm_nccl_perf*"))], ignore_index=True)
    custom = pd.concat([read(f) for f in sorted(folder.glob("comm_custom_allreduce_perf*"))],
                       ignore_index=True)
    nccl["bytes"] = nccl.message_size * nccl.nccl_dtype.map({"half": 2, "int8": 1})  # message_size counts elements
    custom["bytes"] = custom.message_size * 2
    for table in (nccl, custom):
        table["us"] = table.latency * 1e3
    return nccl, custom


def write_gpu(system: str, nccl: pd.DataFrame, custom: pd.DataFrame, output: Path) -> None:
    name, bandwidth, apart = GPUS[system]
    text = f"# Collectives among GPUs of kind {name} in one node. Fitted by scripts/fit_collectives.py.\n"
    text += f"aliases: [{system}]\nfits:\n"
    reduces_in_switch = not apart and system != "a100_sxm"
    for measured, operation in OPERATIONS.items():
        table = nccl[(nccl.system == system) & (nccl.op_name == measured)]
        algorithms = ["pairwise"] * 3 if operation == "all_to_all" else ["ring"] * 3
        if operation == "all_reduce" and reduces_in_switch:
            algorithms = ["ring", "ring", "ring", "nvls"]
        text += fits_of("nccl", operation, table, bandwidth, algorithms, apart, f"{AIC}: comm_nccl_perf")
    for kernel, library in KERNELS.items():
        table = custom[(custom.system == system) & (custom.kernel_source == kernel)]
        if len(table):
            text += fits_of(library, "all_reduce", table, bandwidth, ["one_shot", "two_shot", "two_shot", "ring"],
                            apart, f"{AIC}: comm_custom_allreduce_perf, {kernel}")
    (output / f"{name}.yaml").write_text(text)


def write_vidur(machine: str, files: list[Path], output: Path) -> None:
    text = (f"# NCCL called from PyTorch on machines that the measurements call {machine}, in and between nodes.\n"
            "# Fitted by scripts/fit_collectives.py.\nfits:\n")
    for path in files:
        table = read(path)
        operation = table.collective[0]
        table["us"] = table[f"time_stats.{operation}.median"] * 1e3
        table["bytes"], table["num_gpus"] = table["size"], table.num_workers
        table = table[table.us > 0]
        table = table.assign(nodes=np.where(table.num_workers > table.devices_per_node, 2, 1))
        for (nodes, _), part in table.groupby(["nodes", "num_gpus"]):
            bandwidth = 25e9 if nodes > 1 else {"a100": 300e9, "h100": 450e9}.get(machine[:4], 56.25e9)
            law = fit_law(operation, bandwidth, ["ring"] * 4, rows_of(part), 200, LIMITS)
            text += fit_text("nccl_torch", law, rows_of(part), int(nodes), [],
                             f"{VIDUR}: {path.name.removesuffix('.zst')}; "
                             + ("against 25 GB/s, what the network gives is in it" if nodes > 1 else "medians"))
    (output / f"vidur_{machine}.yaml").write_text(text)


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    data = Path(arguments[0])
    default = Path(__file__).resolve().parents[1] / "hardware" / "catalog" / "collectives"
    output = Path(arguments[1]) if len(arguments) > 1 else default
    output.mkdir(parents=True, exist_ok=True)
    nccl, custom = aic_tables(data)
    for system in GPUS:
        write_gpu(system, nccl, custom, output)
    machines: dict[str, list[Path]] = {}
    for path in sorted((data / "vidur_network").glob("*.csv.zst")):
        machines.setdefault(path.name.split("__")[0], []).append(path)
    for machine, files in machines.items():
        write_vidur(machine, files, output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
