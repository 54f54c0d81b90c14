# Who may include whom. Every #include is followed, file by file and transitively: docs/architecture.md says why.
from __future__ import annotations

import re
from collections.abc import Iterator

from tree import CPP, Fault, SourceFile, Tree

BELOW_SIM = ("core", "hardware", "workloads", "policies", "results", "traces", "scenario")
MAY_INCLUDE = {
    "core": (),
    "hardware": ("core",),
    "workloads": ("core", "hardware"),
    "policies": ("core", "hardware", "workloads/step_time"),
    "results": ("core",),
    "traces": ("core", "hardware", "workloads", "results"),
    "scenario": ("core", "hardware", "workloads", "policies"),
    "sim": BELOW_SIM,
    "planner": (*BELOW_SIM, "sim"),
    "advisor": (*BELOW_SIM, "planner"),
    "report": ("core", "results"),
}
SEES_EVERYTHING = ("cli", "python", "tests", "bench", "examples")

# A foreign library that only one of our libraries may touch: the others go through that folder.
BEHIND_ONE_FOLDER = {"hdf5.h": "results", "zstd.h": "traces", "tbb/": "sim", "oneapi/tbb": "sim"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<bracket>["<])(?P<path>[^">\n]+)[">]', re.MULTILINE)


class Include:
    def __init__(self, line: int, path: str, quoted: bool):
        self.line, self.path, self.quoted = line, path, quoted


def includes(file: SourceFile) -> list[Include]:
    return [
        Include(file.text.count("\n", 0, match.start("path")) + 1, match["path"], match["bracket"] == '"')
        for match in INCLUDE.finditer(file.text)
    ]


def within(path: str, folders: tuple[str, ...]) -> bool:
    return any(path.startswith(folder + "/") for folder in folders)


def reach(folder: str) -> tuple[str, ...]:
    """A folder and what the arrows of the table lead to from it, over any number of steps.

    A part of a folder stays a part: policies/ sees step_time/, not what else workloads/ could show it.
    """
    found: list[str] = [folder]
    for step in found:
        found += [below for below in MAY_INCLUDE.get(step, ()) if below not in found]
    return tuple(found)


def direct_faults(tree: Tree, file: SourceFile) -> Iterator[Fault]:
    allowed = (file.top, *MAY_INCLUDE.get(file.top, ()))
    for include in includes(file):
        if include.quoted and include.path not in tree.files and include.path + ".in" not in tree.files:
            yield Fault(file.path, include.line, "layers",
                        f'"{include.path}" is no file of the tree; includes are written from the root')
        elif file.top in SEES_EVERYTHING:
            continue
        elif not include.quoted and include.path not in tree.files:
            owner = next((o for start, o in BEHIND_ONE_FOLDER.items() if include.path.startswith(start)), file.top)
            if file.top != owner:
                yield Fault(file.path, include.line, "layers", f"<{include.path}> is used by {owner}/ alone")
        elif not within(include.path, allowed):
            yield Fault(file.path, include.line, "layers",
                        f"{file.top}/ may not include {include.path}; allowed: {', '.join(allowed)}")


def own_includes(tree: Tree, path: str) -> list[str]:
    return [include.path for include in includes(tree.files[path]) if include.path in tree.files]


def transitive_faults(tree: Tree, file: SourceFile) -> Iterator[Fault]:
    """Faults that only show when headers are followed; the message spells out the way to the file."""
    allowed = reach(file.top)
    came_from = {path: file.path for path in own_includes(tree, file.path)}
    direct = set(came_from)
    queue = list(came_from)
    for path in queue:
        if path not in direct and not within(path, allowed):
            way = [path]
            while way[-1] != file.path:
                way.append(came_from[way[-1]])
            yield Fault(file.path, 0, "layers", f"{file.top}/ reaches {path}: {' -> '.join(reversed(way))}")
        for below in own_includes(tree, path):
            if below not in came_from and below != file.path:
                came_from[below] = path
                queue.append(below)


def layers(tree: Tree) -> Iterator[Fault]:
    """An #include that the table of layers does not allow, directly or through other headers."""
    for file in tree.of(CPP):
        if file.top not in MAY_INCLUDE and file.top not in SEES_EVERYTHING:
            yield Fault(file.path, 0, "layers", f"{file.top or 'the root'} is no folder of the table of layers")
            continue
        yield from direct_faults(tree, file)
        if file.top in MAY_INCLUDE:
            yield from transitive_faults(tree, file)
