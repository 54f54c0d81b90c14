# Rules about data and prose: catalogues name their sources, and the project's text speaks of the project alone.
from __future__ import annotations

import re
from collections.abc import Iterator

from tree import Fault, Tree

YAML = {".yaml", ".yml"}
CATALOGUE = re.compile(r"(?:^|/)catalog/")

# One letter of each word stands in brackets so that this list does not find itself.
BANNED_TEXT = [
    (r"\bTO[D]O\b|\bFIX[M]E\b|\bX[X]X\b", "unfinished work belongs in the tracker, not in the text"),
    (r"(?i)\bissue[ ]#?\d|\bpull request[ ]#?\d", "say why, not which ticket"),
    (r"/wor[k]/|/hom[e]/\w|/roo[t]/", "a path of somebody's machine"),
    (r"\b(?:pypi\.or[g]|registry\.npmjs\.or[g]|deb\.debian\.or[g]|proxy\.golang\.or[g]|repo1?\.maven\.or[g])",
     "a package registry's host"),
]
DATA_FOLDER = re.compile(r"\.\./share[d]/")
MAY_NAME_DATA_FOLDER = (".ci/run",)


def sources(tree: Tree) -> Iterator[Fault]:
    """A catalogue file without sources, or a measured or quoted value without one of its own."""
    for file in tree.of(YAML):
        if not CATALOGUE.search(file.path):
            continue
        if not re.search(r"^[^#\n]*\bsources?:", file.text, re.MULTILINE):
            yield Fault(file.path, 0, "sources", "no `source:` at all: every figure says where it is from")
        for number, line in enumerate(file.lines, 1):
            if re.search(r"\{[^}]*\bvalue:[^}]*\}", line) and "source:" not in line:
                yield Fault(file.path, number, "sources", "a value without its source")


def wording(tree: Tree) -> Iterator[Fault]:
    """Text about something other than the project: tickets, left-over work, a workplace's paths and hosts."""
    for file in tree.files.values():
        for number, line in enumerate(file.lines, 1):
            for pattern, why in BANNED_TEXT:
                found = re.search(pattern, line)
                if found:
                    yield Fault(file.path, number, "wording", f'"{found.group()}": {why}')
            if DATA_FOLDER.search(line) and file.path not in MAY_NAME_DATA_FOLDER:
                yield Fault(file.path, number, "wording", "tests find measured data through $PLIMSOLL_DATA")
