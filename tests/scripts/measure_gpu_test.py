#!/usr/bin/env python3
"""scripts/measure_gpu.py writes tables, on a CPU with small shapes, that `plimsoll calibrate operators` fits laws to.

Usage: measure_gpu_test.py PLIMSOLL_EXECUTABLE SOURCE_DIR
"""
import csv
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(sys.argv[2]).resolve()
SCRIPT = SOURCE / "scripts" / "measure_gpu.py"
SKIPPED = 77


def measure(folder, *words, **environment):
    return subprocess.Popen([sys.executable, SCRIPT, "--system", "this_cpu", "--out", folder,
                             "--device", "cpu", "--quick", "--repeats", "3", *words],
                            env={**os.environ, "OMP_NUM_THREADS": "1", **environment})


class MeasureGpuTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="plimsoll-measure-")
        cls.folder = pathlib.Path(cls.scratch.name)
        assert measure(cls.folder).wait() == 0
        # Not every gloo knows bfloat16.
        ranks = [measure(cls.folder, "--only", "all_reduce", "--dtype", "float16",
                         MASTER_ADDR="127.0.0.1", MASTER_PORT="29513",
                         WORLD_SIZE="2", RANK=str(rank), LOCAL_RANK=str(rank))
                 for rank in range(2)]
        assert [rank.wait() for rank in ranks] == [0, 0]

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_every_table_has_positive_times_of_the_system(self):
        tables = sorted(self.folder.glob("*.csv"))
        self.assertEqual([table.name for table in tables],
                         ["all_reduce_perf_2.csv", "context_attention_perf.csv", "gemm_perf.csv",
                          "generation_attention_perf.csv"])
        for table in tables:
            with open(table, encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            self.assertGreaterEqual(len(rows), 8)
            for row in rows:
                self.assertEqual(row["system"], "this_cpu")
                self.assertGreater(float(row["latency"]), 0)

    def test_the_tables_make_a_calibration(self):
        out = self.folder / "laws.yaml"
        done = subprocess.run([PROGRAM, "calibrate", "operators", "--gpu", "nvidia_h100_sxm",
                               "--system", "this_cpu", self.folder, "--out", out],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for law in ("gemm bf16", "decode attention bf16 128", "prefill attention bf16 128",
                    "all_reduce of 2"):
            line = next(line for line in done.stdout.splitlines() if line.startswith(law))
            self.assertNotIn("datasheet", line)
        self.assertIn("laws:", out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    if importlib.util.find_spec("torch") is None:
        print("skipped: PyTorch is not installed, so scripts/measure_gpu.py was not run")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
