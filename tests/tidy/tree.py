# The files of a source tree, read once, and what a rule says when it finds a fault in one of them.
from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

SKIPPED_FOLDERS = {"runs", "__pycache__"}
HIDDEN_BUT_OURS = {".ci"}
CPP = {".cpp", ".hpp"}
SCRIPTS = {".py", ".sh", ".cmake"}
TEXT = CPP | SCRIPTS | {".md", ".txt", ".yaml", ".yml", ".json", ".csv", ".js", ".css", ".html", ".in", ""}

RAW_STRING = r'R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'
LITERAL = r'"(?:\\.|[^"\\\n])*"|' r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
NOT_CODE = re.compile(rf"//[^\n]*|/\*.*?\*/|{RAW_STRING}|{LITERAL}", re.DOTALL)


@dataclass(frozen=True, order=True)
class Fault:
    """One finding; line 0 means the file as a whole."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


@dataclass(frozen=True)
class SourceFile:
    path: str  # from the root, with forward slashes
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def code(self) -> str:
        """The C++ text with comments and literals blanked out; every line keeps its number."""
        return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), self.text)

    @property
    def pure(self) -> PurePosixPath:
        return PurePosixPath(self.path)

    @property
    def suffix(self) -> str:
        return self.pure.suffix

    @property
    def top(self) -> str:
        """The folder of the architecture that the file belongs to; "" for files of the root."""
        return self.pure.parts[0] if len(self.pure.parts) > 1 else ""


class Tree:
    """All text files below a root, by path, in the order of paths."""

    def __init__(self, root: Path):
        self.root = root
        self.files = {file.path: file for file in sorted(read(root), key=lambda file: file.path)}

    def of(self, suffixes: set[str]) -> list[SourceFile]:
        return [file for file in self.files.values() if file.suffix in suffixes]


def is_ours(folder: Path) -> bool:
    if folder.name.startswith("."):
        return folder.name in HIDDEN_BUT_OURS
    return folder.name not in SKIPPED_FOLDERS and not folder.name.startswith("build")


def read(root: Path, folder: Path | None = None):
    for entry in sorted((folder or root).iterdir()):
        if entry.is_symlink():
            continue
        if entry.is_dir() and is_ours(entry):
            yield from read(root, entry)
        elif entry.is_file() and entry.suffix in TEXT:
            yield SourceFile(entry.relative_to(root).as_posix(), entry.read_text(encoding="utf-8"))
