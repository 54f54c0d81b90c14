# Rules about code: lengths, names, what makes a run depend on more than its input, and the words at a file's head.
from __future__ import annotations

import re
from collections.abc import Iterator

from tree import CPP, SCRIPTS, Fault, SourceFile, Tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 120
BANNED_STEMS = {"util", "utils", "helper", "helpers", "common", "misc"}
LIBRARY_FOLDERS = ("core", "hardware", "workloads", "policies", "traces", "results", "scenario", "sim", "planner",
                   "advisor", "report")
ORDER_MATTERS = ("sim/", "results/", "policies/")
POLICY = re.compile(r"^policies/(?P<kind>[a-z_]+)/(?:[a-z0-9_]+/)*[a-z0-9_]+\.cpp$")

# (what must not occur, where it may all the same, what to write instead)
NOT_REPEATABLE = [
    (r"\b(?:std::)?s?rand\s*\(|\brandom_device\b", (), "core/random_stream.hpp"),
    (r"\bstd::(?:mt19937|minstd_rand|default_random_engine)|\bstd::\w+_distribution\b", (), "core/random_stream.hpp"),
    (r"\bsystem_clock\b|\bgettimeofday\b|\bstd::time\s*\(", ("cli/",), "time that belongs to the run"),
    (r"\b(?:steady_clock|high_resolution_clock)\b", ("cli/", "sim/kernel/"), "time that belongs to the run"),
    (r"\bstd::(?:exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|tanh|erf|tgamma|lgamma)\s*\(",
     ("core/portable_math.", "report/"), "core/portable_math.hpp, the same bits on every machine"),
]


SCOPE = re.compile(r"(?:^|[;:>\]]|\b(?:inline|typedef|static|constexpr|const)\s)\s*"
                   r"(?:namespace|class|struct|union|enum|extern)\b")


PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def function_lengths(file: SourceFile) -> Iterator[tuple[int, int]]:
    """(first line, number of lines) of each function body that no other function encloses."""
    code = PREPROCESSOR.sub(lambda match: "\n" * match.group().count("\n"), file.code)
    head, depth, line, start, opened = "", 0, 1, 0, 0
    for position, char in enumerate(code):
        if char == "\n":
            line += 1
        if depth == 0 and char == "{":
            if SCOPE.search(head.strip()) or "(" not in head:
                head = ""
                continue
            depth, start, opened = 1, line, position
        elif depth > 0 and char in "{}":
            depth += 1 if char == "{" else -1
            if depth == 0:
                yield start, line - start + 1
                follows = code[position + 1:].lstrip()[:1]
                is_member_initializer = re.search(r"[\w>]\s*$", code[:opened][-80:]) and follows in {",", "{"}
                head = head if is_member_initializer else ""
        elif depth == 0:
            head = "" if char in ";}" else head + char


def lengths(tree: Tree) -> Iterator[Fault]:
    """A file, function or line that is too long, and a tab."""
    for file in tree.of(CPP | SCRIPTS):
        if len(file.lines) > MAX_FILE_LINES:
            yield Fault(file.path, 0, "lengths", f"{len(file.lines)} lines, more than {MAX_FILE_LINES}: split the idea")
        for number, line in enumerate(file.lines, 1):
            if len(line) > MAX_COLUMNS:
                yield Fault(file.path, number, "lengths", f"{len(line)} columns, more than {MAX_COLUMNS}")
            if "\t" in line:
                yield Fault(file.path, number, "lengths", "a tab; indent with spaces")
    for file in tree.of(CPP):
        for start, count in function_lengths(file):
            if count > MAX_FUNCTION_LINES:
                yield Fault(file.path, start, "lengths", f"a function of {count} lines, more than {MAX_FUNCTION_LINES}")


def names(tree: Tree) -> Iterator[Fault]:
    """A file or folder named for nothing in particular, or not in snake_case."""
    for file in tree.of(CPP | SCRIPTS):
        for part in (*file.pure.parts[:-1], file.pure.stem):
            banned = BANNED_STEMS.intersection(part.lower().split("_"))
            if banned:
                yield Fault(file.path, 0, "names", f'"{banned.pop()}" says nothing: name the file after its one idea')
        if file.suffix in CPP and not re.fullmatch(r"[a-z0-9_]+", file.pure.stem):
            yield Fault(file.path, 0, "names", "C++ files are named in snake_case")


def repeatable(tree: Tree) -> Iterator[Fault]:
    """What would make a run depend on more than scenario, seed and version: clocks, foreign randomness, hash order."""
    for file in tree.of(CPP):
        if file.top not in (*LIBRARY_FOLDERS, "cli"):
            continue
        for number, line in enumerate(file.code.splitlines(), 1):
            for pattern, exempt, instead in NOT_REPEATABLE:
                found = re.search(pattern, line)
                if found and not file.path.startswith(exempt):
                    yield Fault(file.path, number, "repeatable", f"{found.group().strip()} is out: use {instead}")
            if file.path.startswith(ORDER_MATTERS) and re.search(r"\bunordered_(?:multi)?(?:map|set)\b", line):
                yield Fault(file.path, number, "repeatable", "hash order: use a vector or an ordered map here")


def begins_with_comment(file: SourceFile) -> bool:
    lines = [line for line in file.lines if line.strip() and not line.startswith("#!")]
    return bool(lines) and re.match(r'(?://|#(?!include|pragma|if|define)|/\*|""")\s*\S', lines[0]) is not None


def headed(tree: Tree) -> Iterator[Fault]:
    """A file that does not begin by saying what it holds; a header without its guard."""
    for file in tree.of(CPP | SCRIPTS):
        has_header = file.suffix == ".cpp" and file.path.removesuffix(".cpp") + ".hpp" in tree.files
        speaks_for_itself = has_header or file.path.endswith("_test.cpp")  # in the header, in sentences
        if not speaks_for_itself and not begins_with_comment(file):
            what = "what the policy does" if POLICY.match(file.path) else "what it holds"
            yield Fault(file.path, 1, "headed", f"the file must begin with a comment that says {what}")
        if file.suffix == ".hpp" and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
            yield Fault(file.path, 1, "headed", "a header needs #pragma once")
