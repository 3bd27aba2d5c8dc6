"""The diagrams of AUTO-07p and ours, on the same work, in one run: whole process and solver, medians and ratios.

    python3 benches/peers/auto_continuation.py target/release/homeostat [REPETITIONS]

Wants AUTO-07p (Debian and Ubuntu: `apt-get install auto-07p gfortran`). AUTO runs on one thread.
Two jobs: Wilson-Cowan (equilibria, folds, Hopf point, cycle branch up to the homoclinic) and a Tsodyks-Markram mean field
(the same). AUTO's solver time is what AUTO prints as "Total Time"; ours is what `continue --json` says in `seconds`.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "auto")

JOBS = {
    "wilson_cowan": {
        "auto": "r = run('wilson_cowan')\nrun(r('HB1'), IPS=2, ICP=[1,11], NMX=76)\n",
        "ours": ["--vary", "p=0:4", "--cycles", "--range", "e=-0.1:1", "--range", "i=-0.1:1"],
    },
    "tsodyks_markram": {
        "auto": "r = run('tsodyks_markram')\nrun(r('HB1'), IPS=2, ICP=[1,11], NMX=78, DSMAX=0.1)\n",
        "ours": ["--vary", "e0=-3:-0.9", "--cycles", "--range", "e=0:20", "--range", "x=0:1", "--range", "u=0:1"],
    },
}


def auto(job, folder):
    """Whole seconds, solver seconds and points of one run of AUTO."""
    for name in (f"{job}.f90", f"c.{job}"):
        shutil.copy(os.path.join(HERE, name), folder)
    with open(os.path.join(folder, "job.auto"), "w") as script:
        script.write(JOBS[job]["auto"])
    for name in (f"{job}.o", f"{job}.exe"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    start = time.perf_counter()
    run = subprocess.run(
        ["auto-07p", "job.auto"], cwd=folder, capture_output=True, text=True, check=True, env=dict(os.environ, OMP_NUM_THREADS="1")
    )
    whole = time.perf_counter() - start
    solver = sum(float(t) for t in re.findall(r"Total Time\s+(\S+)", run.stdout))
    ends = re.findall(r"^\s+\d+\s+(\d+)\s+(?:EP|UZ|MX)\s", run.stdout, re.M)
    points = sum(int(n) for n in re.findall(r"^\s+\d+\s+(\d+)\s+(?:EP|UZ|MX)\s", run.stdout, re.M) if n != "1")
    assert ends, run.stdout
    return whole, solver, points


def ours(program, job):
    """Whole seconds, solver seconds and points of one run of ours, on one thread."""
    command = [program, "continue", os.path.join(HERE, f"{job}.ode"), *JOBS[job]["ours"], "--threads", "1", "--json", "--quiet"]
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    whole = time.perf_counter() - start
    answer = json.loads(run.stdout)
    points = sum(len(branch["points"]) for kind in ("branches", "cycles") for branch in answer.get(kind, []))
    return whole, answer.get("seconds"), points


def main():
    program = os.path.abspath(sys.argv[1])
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for job in JOBS:
        pairs = []
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(repetitions):
                pairs.append((auto(job, folder), ours(program, job)))
        (aw, asolver, ap), (ow, osolver, op) = (
            [statistics.median(p[k][i] for p in pairs if p[k][i] is not None) if pairs[0][k][i] is not None else None for i in range(3)]
            for k in (0, 1)
        )
        print(f"{job}: AUTO {aw:.3f} s whole, {asolver:.3f} s solver, {ap:.0f} points")
        print(f"{'':{len(job)}}  ours {ow:.3f} s whole" + (f", {osolver:.4f} s solver" if osolver else "") + f", {op:.0f} points")
        ratios = [f"whole {aw / ow:.1f}x"]
        if osolver:
            ratios += [f"solver {asolver / osolver:.1f}x", f"{op / osolver:.0f} points a second, AUTO {ap / asolver:.0f}"]
        print(f"{'':{len(job)}}  AUTO/ours: " + ", ".join(ratios))


if __name__ == "__main__":
    main()
