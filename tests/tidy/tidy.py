# Checks the tree's own rules (layers, lengths, names, repeatability, sources, wording) and prints every fault.
# Usage: tidy.py [ROOT]; exit code 1 when there is a fault.
from __future__ import annotations

import sys
from pathlib import Path

from code_rules import headed, lengths, names, repeatable
from layers import layers
from text_rules import sources, wording
from tree import Fault, Tree

RULES = (layers, lengths, names, repeatable, headed, sources, wording)


def check(root: Path) -> list[Fault]:
    tree = Tree(root)
    return sorted(fault for rule in RULES for fault in rule(tree))


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    faults = check(root)
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} faults in {len(Tree(root).files)} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
