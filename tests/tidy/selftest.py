# Proves that each rule can fail: made-up trees with one fault each, beside a tree without any.
from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import tidy
from code_rules import function_lengths
from tree import SourceFile

HEADER = "// Says what it holds.\n#pragma once\n"
CLEAN = {
    "core/time.hpp": HEADER + "#include <cstdint>\n",
    "core/time.cpp": '#include "core/time.hpp"\n// steady_clock is fine in a comment, and so is "rand()"\n',
    "workloads/request.hpp": HEADER + '#include "core/time.hpp"\n',
    "workloads/step_time/model.hpp": HEADER + '#include "core/time.hpp"\n',
    "policies/view.hpp": HEADER + '#include "workloads/step_time/model.hpp"\n',
    "policies/routing/least.cpp": '// Picks the least.\n#include "policies/view.hpp"\n',
    "results/facts.hpp": HEADER + '#include "core/time.hpp"\n',
    "results/file.cpp": "// Writes facts.\n#include <hdf5.h>\n",
    "sim/run.hpp": HEADER + '#include "policies/view.hpp"\n#include "workloads/request.hpp"\n',
    "report/page.cpp": '// The page.\n#include "results/facts.hpp"\n',
    "cli/main.cpp": '// The program.\n#include "sim/run.hpp"\nauto start = std::chrono::steady_clock::now();\n',
    "hardware/catalog/gpus/a.yaml": '# A GPU.\npower: {value: 700 W, source: "datasheet"}\n',
    ".ci/run": "# Sets PLIMSOLL_DATA to ../" + "shared/data where that exists.\n",
}

# rule, what is wrong, the file that makes it so, its text, a word of the message
FAULTY = [
    ("layers", "a policy includes the simulator", "policies/routing/peek.cpp",
     '// Peeks.\n#include "sim/run.hpp"\n', "policies/ may not include sim/run.hpp"),
    ("layers", "a policy includes it with angle brackets", "policies/routing/peek.cpp",
     "// Peeks.\n#include <sim/run.hpp>\n", "policies/ may not include sim/run.hpp"),
    ("layers", "a policy includes more of workloads than step_time", "policies/routing/peek.cpp",
     '// Peeks.\n#include "workloads/request.hpp"\n', "workloads/request.hpp"),
    ("layers", "a policy reaches it through a header", "workloads/step_time/model.hpp",
     HEADER + '#include "workloads/request.hpp"\n',
     "policies/view.hpp -> workloads/step_time/model.hpp -> workloads/request.hpp"),
    ("layers", "core looks up", "core/time.hpp", HEADER + '#include "results/facts.hpp"\n', "core/ may not"),
    ("layers", "the report reads the engine", "report/page.cpp", '// P.\n#include "sim/run.hpp"\n', "report/ may not"),
    ("layers", "an include relative to its file", "sim/b.cpp", '// B.\n#include "run.hpp"\n', "no file of the tree"),
    ("layers", "a way around through ..", "policies/p.cpp", '// P.\n#include "policies/../sim/run.hpp"\n', "no file"),
    ("layers", "a folder that nobody knows", "stuff/a.cpp", "// A.\n", "no folder of the table"),
    ("layers", "HDF5 outside results", "sim/b.cpp", "// B.\n#include <hdf5.h>\n", "used by results/ alone"),
    ("lengths", "a long file", "core/a.cpp", "// A.\n" * 401, "401 lines"),
    ("lengths", "a long line", "core/a.cpp", "// " + "x" * 118, "121 columns"),
    ("lengths", "a tab", "core/a.cpp", "// A.\n\tint a;\n", "a tab"),
    ("lengths", "a long function", "core/a.cpp", "// A.\nint f() {\n" + "  g();\n" * 69 + "}\n", "71 lines"),
    ("names", "a file for everything", "core/string_utils.hpp", HEADER, '"utils"'),
    ("names", "a folder for everything", "core/common/a.hpp", HEADER, '"common"'),
    ("names", "camel case", "core/TimeOf.hpp", HEADER, "snake_case"),
    ("repeatable", "the C library's randomness", "sim/a.cpp", "// A.\nint a = std::rand();\n", "rand("),
    ("repeatable", "the machine's randomness", "sim/a.cpp", "// A.\nstd::random_device d;\n", "random_device"),
    ("repeatable", "a library's distribution", "sim/a.cpp", "// A.\nstd::normal_distribution<> d;\n", "normal"),
    ("repeatable", "the wall clock", "sim/a.cpp", "// A.\nstd::chrono::system_clock c;\n", "system_clock"),
    ("repeatable", "a stop watch in a model", "sim/a.cpp", "// A.\nstd::chrono::steady_clock c;\n", "steady_clock"),
    ("repeatable", "the C library's logarithm", "workloads/a.cpp", "// A.\ndouble a = std::log(2.0);\n", "std::log"),
    ("repeatable", "hash order", "policies/a.cpp", "// A.\nstd::unordered_map<int, int> m;\n", "hash order"),
    ("headed", "a header without a first word", "core/a.hpp", "#pragma once\n", "what it holds"),
    ("headed", "a header without a guard", "core/a.hpp", "// A.\n", "#pragma once"),
    ("headed", "a policy without a word", "policies/routing/a.cpp", "int a;\n", "what the policy does"),
    ("sources", "a catalogue without sources", "hardware/catalog/gpus/b.yaml", "power: 3 W\n", "no `source:`"),
    ("sources", "a value without a source", "hardware/catalog/gpus/b.yaml",
     "source: x\npower: {value: 3 W}\n", "without its source"),
    ("wording", "left-over work", "core/a.cpp", "// TO" + "DO: later\n", "unfinished"),
    ("wording", "a ticket", "docs/a.md", "as iss" + "ue #12 says\n", "which ticket"),
    ("wording", "somebody's path", "docs/a.md", "see /wo" + "rk/main/x\n", "somebody's machine"),
    ("wording", "a registry's host", "docs/a.md", "from pypi" + ".org\n", "registry"),
    ("wording", "the measured data's folder", "tests/a.py", '# A.\nx = "../' + 'shared/data"\n', "PLIMSOLL_DATA"),
]


def faults_of(files: dict[str, str]):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(text, encoding="utf-8")
        return tidy.check(Path(folder))


class Rules(unittest.TestCase):
    def test_a_clean_tree_has_no_fault(self):
        self.assertEqual(faults_of(CLEAN), [])

    def test_each_fault_is_found_by_its_rule(self):
        for rule, what, path, text, message in FAULTY:
            with self.subTest(what):
                found = [str(fault) for fault in faults_of({**CLEAN, path: text}) if fault.rule == rule]
                self.assertTrue(any(message in fault for fault in found), f"{rule}: {what}: {found}")

    def test_no_rule_goes_unproven(self):
        self.assertEqual({rule.__name__ for rule in tidy.RULES}, {rule for rule, *_ in FAULTY})


class FunctionLengths(unittest.TestCase):
    def count(self, text: str) -> list[int]:
        return [count for _, count in function_lengths(SourceFile("a.cpp", text))]

    def test_scopes_are_not_functions(self):
        self.assertEqual(self.count("namespace a {\nstruct B : C<int()> {\n int f() { return 1; }\n};\n}\n"), [1])

    def test_member_initializers_do_not_hide_the_body(self):
        self.assertEqual(self.count("A::A(int b)\n : b_{b}, c_(1), d_{2} {\n x();\n y();\n}\n")[-1], 4)

    def test_templates_and_trailing_types_are_seen(self):
        self.assertEqual(self.count("template <class A, class B>\nauto f(A a, B b) -> int {\n g();\n}\n"), [3])

    def test_preprocessor_lines_are_not_part_of_a_head(self):
        text = "#if defined(X)\n#define M(a) \\\n {\n#endif\nnamespace a {\nint f() {\n}\n}\n"
        self.assertEqual(self.count(text), [2])

    def test_braces_in_literals_and_comments_do_not_count(self):
        self.assertEqual(self.count('int f() {\n s = "{"; c = \'{\'; r = R"x({{)x"; // {\n /* { */\n}\n'), [4])


if __name__ == "__main__":
    unittest.main()
