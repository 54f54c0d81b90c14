# Installs Plimsoll into an empty prefix, builds the project beside this file against it, runs its policy on an example,
# and makes sure that a forgotten or misspelt registration line does not link.
# Usage: downstream.py BUILD_DIR WORK_DIR [CMAKE_ARGUMENT...]
from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
POLICY = "split_by_prompt"


def run(*command: str | Path, exit_codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode not in exit_codes:
        sys.exit(f"{' '.join(map(str, command))}\nexit code {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


def build(project: Path, build_dir: Path, arguments: list[str], exit_codes: tuple[int, ...] = (0,)) -> str:
    run("cmake", "-S", project, "-B", build_dir, *arguments)
    result = run("cmake", "--build", build_dir, exit_codes=exit_codes)
    return result.stdout + result.stderr


def check_policy_runs(program: Path, scenario: Path, out: Path) -> None:
    """The project's program knows its own policy and its setting, and names the policy in its results."""
    result = run(program, "run", scenario, "--set", f"policies.routing={{name: {POLICY}, long_prompt_tokens: 2048}}",
                 "--set", "run.horizon=60s", "--json", "--quiet", "--out", out)
    if POLICY not in json.dumps(json.loads(result.stdout)):
        sys.exit(f"the summary does not name {POLICY}:\n{result.stdout}")
    misspelt = run(program, "run", scenario, "--set", "policies.routing=split_by_promt", "--quiet", exit_codes=(2,))
    if POLICY not in misspelt.stderr:
        sys.exit(f"a misspelt policy is not answered with the nearest name:\n{misspelt.stderr}")


def check_registration_is_needed(work_dir: Path, arguments: list[str]) -> None:
    """Without its last line, or with another name in it, the policy's file does not link, and the linker names it."""
    text = (PROJECT / "routing" / f"{POLICY}.cpp").read_text(encoding="utf-8")
    faulty = {
        "forgotten": re.sub(r"PLIMSOLL_ROUTING_POLICY\(.*", "", text, flags=re.DOTALL),
        "misspelt": text.replace(f"PLIMSOLL_ROUTING_POLICY({POLICY}", "PLIMSOLL_ROUTING_POLICY(split_by_promt"),
    }
    for fault, faulty_text in faulty.items():
        project = work_dir / fault
        shutil.copytree(PROJECT, project)
        (project / "routing" / f"{POLICY}.cpp").write_text(faulty_text, encoding="utf-8")
        said = build(project, project / "build", arguments, exit_codes=(1, 2))
        if not re.search(rf"undefined (?:reference|symbol).*plimsoll_register_routing_{POLICY}\b", said):
            sys.exit(f"the build of a {fault} registration failed without naming it:\n{said}")


def main(build_dir: Path, work_dir: Path, arguments: list[str]) -> None:
    shutil.rmtree(work_dir, ignore_errors=True)
    prefix = work_dir / "prefix"
    run("cmake", "--install", build_dir, "--prefix", prefix)
    arguments = [*arguments, f"-DCMAKE_PREFIX_PATH={prefix}"]
    build(PROJECT, work_dir / "build", arguments)
    installed = run("cmake", "--install", work_dir / "build", "--prefix", prefix)
    examples = Path(re.search(r"examples: (.*)", installed.stdout + installed.stderr)[1])
    check_policy_runs(prefix / "bin" / "my_planner", examples / "chat-70b.yaml", work_dir / "run")
    check_registration_is_needed(work_dir, arguments)
    print(f"downstream: {POLICY} ran on the installed example; a forgotten and a misspelt registration did not link")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
