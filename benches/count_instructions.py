#!/usr/bin/env python3
"""Instructions per time step of the notebook's five simulations, as callgrind counts them: figures that a busy machine does not move.

    python benches/count_instructions.py [--dslsim PATH] [--models a,b]

Each model is simulated for two durations under valgrind; the difference, divided by the difference in steps, leaves out everything
that happens once. Valgrind (3.19) knows no AVX-512 and says so to the program, which then works with vectors of 256 and 128
bits: the counts are those of a machine with AVX2. Needs valgrind and a release build.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = "vdp,clopath,meissner_bernard,lif_statistics,hh_statistics"
SHORT, LONG = 0.1, 0.3  # seconds of model time
DT = 1e-4


def count(program, model, duration):
    """Instructions of a whole run."""
    path = ROOT / "models" / f"{model}.eq"
    settings = ["--set", f"duration={duration}*second"]
    if re.search(r"^warmup", path.read_text(), re.MULTILINE):
        settings += ["--set", "warmup=10*ms"]
    with tempfile.TemporaryDirectory() as out:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}/callgrind", str(program)]
        command += ["run", str(path), *settings, "--threads", "1", "--quiet", "--out", f"{out}/results"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return int(found.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dslsim", default=ROOT / "target" / "release" / "dslsim", help="the program")
    parser.add_argument("--models", default=MODELS)
    options = parser.parse_args()
    print("| model | instructions per step |\n| --- | ---: |")
    for model in options.models.split(","):
        counts = [count(options.dslsim, model, d) for d in (SHORT, LONG)]
        print(f"| {model} | {(counts[1] - counts[0]) * DT / (LONG - SHORT):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
