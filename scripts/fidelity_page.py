#!/usr/bin/env python3
"""Makes docs/fidelity.md and docs/fidelity/*.png from the JSON of `plimsoll validate serving --json`.

Usage: fidelity_page.py RESULTS.json DOCS_FOLDER
"""

import json
import math
import pathlib
import re
import statistics
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from fidelity_text import LEVELS, METRICS, SETS  # noqa: E402

ANCHORED = "anchored"
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#000000"]
MOST_POINTS = 1500  # of a scatter: beyond, every so-manieth is drawn, so that the picture stays small


def error(prediction):
    return prediction["predicted"] / prediction["measured"] - 1


def scored(predictions, anchored):
    """Those that count: anchor points left out."""
    return [p for p in predictions if (p["level"] == ANCHORED) == anchored and not p["anchor_point"]]


def quantile(numbers, share):
    ordered = sorted(numbers)
    rank = share * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (rank - low) * (ordered[high] - ordered[low])


def percent(value, signed=False):
    if value is None:
        return "-"
    return f"{100 * value:+.1f} %" if signed else f"{100 * value:.1f} %"


def summary(predictions):
    errors = [error(p) for p in predictions]
    if not errors:
        return None
    sizes = [abs(e) for e in errors]
    return {"rows": len(errors), "median": statistics.median(sizes),
            "signed": statistics.median(errors), "p90": quantile(sizes, 0.9)}


# --- pictures -----------------------------------------------------------------------------------------------------


def thinned(points):
    step = -(-len(points) // MOST_POINTS)
    return points[::step] if step > 1 else points


def gpu_of(prediction):
    return prediction["slice"].split()[0]


def draw_scatter(axes, predictions, metric):
    for anchored, colour, marker, name in ((False, "#999999", "x", "as the catalogue has it"),
                                           (True, COLOURS[0], "o", "anchored")):
        points = thinned(scored(predictions, anchored))
        if points:
            axes.scatter([p["measured"] for p in points], [p["predicted"] for p in points], s=9, c=colour,
                         marker=marker, linewidths=0.7, alpha=0.6, label=name, zorder=2 + anchored)
    numbers = [p[key] for p in predictions for key in ("measured", "predicted") if p["measured"] > 0]
    low, high = min(numbers) / 1.3, max(numbers) * 1.3
    line = [low, high]
    axes.fill_between(line, [0.9 * x for x in line], [1.1 * x for x in line], color="#009e73", alpha=0.2,
                      label="within 10 %", zorder=1)
    axes.plot(line, line, color="#444444", linewidth=0.8, zorder=1)
    axes.set(xscale="log", yscale="log", xlim=line, ylim=line, xlabel=f"measured {METRICS[metric]}",
             ylabel=f"predicted {METRICS[metric]}")
    if high / low < 30:  # less than a decade and a half: ticks between the powers of ten too
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left")


def draw_cdf(axes, predictions):
    anchored = any(p["level"] == ANCHORED for p in predictions)
    gpus = list(dict.fromkeys(gpu_of(p) for p in predictions))
    for index, gpu in enumerate(gpus):
        of_gpu = [p for p in predictions if gpu_of(p) == gpu]
        colour = COLOURS[index % len(COLOURS)]
        for level, style in ((False, ":"), (True, "-")):
            sizes = sorted(abs(error(p)) for p in scored(of_gpu, level))
            if sizes:
                name = f"{gpu}, {len(sizes)} rows" if level or not anchored else None
                axes.step([100 * s for s in sizes], [(i + 1) / len(sizes) for i in range(len(sizes))], style,
                          where="post", color=colour, label=name, linewidth=1.4 if level else 1)
    axes.axhline(0.5, color="#444444", linewidth=0.6)
    axes.set(xscale="log", xlim=(0.1, 300), ylim=(0, 1), xlabel="absolute error, %", ylabel="share of rows")
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(alpha=0.3)
    title = "solid: anchored, dotted: as the catalogue has it" if anchored else None
    axes.legend(fontsize=7, title=title, title_fontsize=7, loc="upper left")


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, dpi=80, metadata={"Software": None})
    plt.close(figure)


def picture(folder, name, metric, predictions):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6))
    draw_scatter(left, predictions, metric)
    draw_cdf(right, predictions)
    figure.suptitle(f"{name}: {METRICS[metric]}", fontsize=11)
    path = folder / f"{name}_{metric}.png"
    save(figure, path)
    return path.name


def picture_by_load(folder, name, metrics, predictions):
    """Errors of anchored predictions against the number of clients, which ends the name of a row."""
    figure, many = plt.subplots(1, len(metrics), figsize=(10, 4.2), squeeze=False)
    for axes, metric in zip(many[0], metrics):
        points = {}
        for p in scored([p for p in predictions if p["metric"] == metric], True):
            clients = re.search(r" x(\d+)$", p["row"])
            if clients:
                points.setdefault(gpu_of(p), []).append((int(clients.group(1)), 100 * error(p)))
        for index, (gpu, pairs) in enumerate(points.items()):
            jitter = 1.06 ** (index - (len(points) - 1) / 2)
            axes.scatter([clients * jitter for clients, _ in pairs], [e for _, e in pairs], s=7, alpha=0.45,
                         c=COLOURS[index % len(COLOURS)], label=gpu, linewidths=0)
        axes.axhspan(-10, 10, color="#009e73", alpha=0.2)
        axes.axhline(0, color="#444444", linewidth=0.8)
        axes.set(xscale="log", ylim=(-100, 100), xlabel="concurrent clients",
                 ylabel=f"error of {METRICS[metric].rsplit(',', 1)[0]}, %")
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper right", markerscale=2)
    figure.suptitle(f"{name}: anchored errors by load (band: within 10 %; errors beyond 100 % are not drawn)",
                    fontsize=11)
    path = folder / f"{name}_by_load.png"
    save(figure, path)
    return path.name


# --- tables -------------------------------------------------------------------------------------------------------


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def target_rows(figures):
    for figure in figures:
        tau = figure["figure"] == "kendall_tau"
        show = (lambda v: "-" if v is None else f"{v:.2f}") if tau else percent
        sign = "≥" if tau else "≤"
        goal = "-" if figure["target"] is None else f"{sign} {show(figure['target'])}"
        met = {True: "yes", False: "**no**", None: "-"}[figure["target_met"]]
        name = METRICS.get(figure["metric"], figure["metric"])
        yield (figure["set"], name + (", ranking (tau)" if tau else ""),
               "anchored" if figure["anchored"] else "catalogue", ", ".join(figure["gpus"]) or "all",
               figure["rows"], show(figure["reached"]), goal, met)


def slice_rows(predictions, metric):
    of_metric = [p for p in predictions if p["metric"] == metric]
    for name in dict.fromkeys(p["slice"] for p in of_metric):
        of_slice = [p for p in of_metric if p["slice"] == name]
        plain, anchored = summary(scored(of_slice, False)), summary(scored(of_slice, True))
        level = next((p["level"] for p in of_slice if p["level"] != ANCHORED), "-")
        star = " \\*" if any(p["extrapolating"] for p in of_slice) else ""
        cells = [name + star, level]
        for each in (plain, anchored):
            cells += [each["rows"], percent(each["median"]), percent(each["signed"], signed=True),
                      percent(each["p90"])] if each else ["-"] * 4
        yield cells


SLICE_HEADER = ["slice", "level", "rows", "median", "signed", "p90", "anchored: rows", "median", "signed", "p90"]


def overall_rows(predictions):
    for metric in dict.fromkeys(p["metric"] for p in predictions):
        of_metric = [p for p in predictions if p["metric"] == metric]
        for anchored in (False, True):
            each = summary(scored(of_metric, anchored))
            if each:
                yield (METRICS.get(metric, metric), "anchored" if anchored else "catalogue", each["rows"],
                       percent(each["median"]), percent(each["signed"], signed=True), percent(each["p90"]))


def section(name, results, folder):
    text = SETS[name]
    predictions = [p for p in results["predictions"] if p["set"] == name]
    lines = [f"## {name}\n", text.what, "\n"]
    lines.append(table(["figure", "level", "rows", "median error", "signed", "p90"], overall_rows(predictions)))
    for metric in text.pictures:
        of_metric = [p for p in predictions if p["metric"] == metric]
        if of_metric:
            file = picture(folder, name, metric, of_metric)
            lines.append(f"![Predicted against measured {METRICS[metric]} and its errors](fidelity/{file})\n")
    if text.by_load:
        file = picture_by_load(folder, name, text.by_load, predictions)
        lines.append(f"![Errors by number of clients](fidelity/{file})\n")
    lines += [text.missed, ""]
    for metric in text.slices:
        lines.append(f"<details><summary>{METRICS[metric]}, by slice</summary>\n")
        lines.append(table(SLICE_HEADER, slice_rows(predictions, metric)))
        lines.append("</details>\n")
    notes = [note for note in results["notes"] if note.startswith(name + ":")]
    if notes:
        lines.append("Notes of the run:\n")
        lines += [f"- {note.split(': ', 1)[1]}" for note in notes]
        lines.append("")
    return "\n".join(lines)


def page(results, docs):
    folder = docs / "fidelity"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    parts = [LEVELS]
    parts.append("## Figures and targets\n")
    parts.append(table(["set", "figure", "level", "GPUs", "rows", "reached", "target", "met"],
                       target_rows(results["figures"])))
    if results["absent"]:
        parts.append("Not in the data folder of this run: " + ", ".join(results["absent"]) + ".\n")
    parts += [section(name, results, folder) for name in results["sets"] if name in SETS]
    (docs / "fidelity.md").write_text("\n".join(parts))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]))
