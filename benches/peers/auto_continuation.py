"""The diagrams of AUTO-07p and ours, on the same work, in one run: whole process and solver, medians and ratios.

    python3 benches/peers/auto_continuation.py target/release/homeostat [REPETITIONS]

Wants AUTO-07p (Debian and Ubuntu: `apt-get install auto-07p gfortran`). AUTO runs on one thread.
The same work, "one branch" (ours without ranges, so that no list is asked for, but with the proofs of its folds and Hopf
points): the branch of equilibria; with the cycles of the first Hopf point, to the homoclinic orbit and without doubled
branches; and for Tsodyks and Markram with the curves of folds and Hopf points in the plane of E0 and alpha, of which AUTO
follows each both ways, from every fold and Hopf point, ours each once. More work, "in a box" (AUTO: the same again; ours
proves how many fixed points there are for every value of the parameter, which AUTO cannot).
Whole: processor time of the process and its children (AUTO's compiling included), which a busy machine disturbs less than
the clock; the clock is printed too. Solver: what AUTO prints as "Total Time", and our `seconds`, both by the clock.
The ends: with a number of orbits AUTO goes on at the homoclinic parameter, to periods of 196 and 5e4, and wanders about it by
3e-5; ours stop where the law of the period gives it to 4e-9 of the range, at 59 and 10. "To our period" stops AUTO there too.
Points: of solutions kept. AUTO's orbits have 20 or 30 intervals throughout and three Newton steps; ours adapt both.
"""

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "auto")
WILSON = ["wilson_cowan", "--vary", "p=0:4", "--range", "e=-0.1:1", "--range", "i=-0.1:1"]
TSODYKS = ["tsodyks_markram", "--vary", "e0=-3:-0.9", "--range", "e=0:20", "--range", "x=0:1", "--range", "u=0:1"]
ONE = ["--cycles=1", "--generations", "0"]
CURVES = "".join(
    f"c = run(r('{kind}{k}'), ISW=2, ICP=[1,2], NMX=300, DS={ds}, UZSTOP={{1: [-3.0, -0.9], 2: [0.5, 3.0]}})\n"
    for kind in ("LP", "HB")
    for k in (1, 2)
    for ds in (0.01, -0.01)
)

def alone(arguments):
    """The same request without ranges of the variables: one branch, nothing is listed."""
    keep = [k for k, a in enumerate(arguments) if a != "--range" and (k == 0 or arguments[k - 1] != "--range")]
    return [arguments[k] for k in keep]


EQUILIBRIA = {name: f"r = run('{name}')\n" for name in ("wilson_cowan", "tsodyks_markram")}
CYCLES = {
    "wilson_cowan": "run(r('HB1'), IPS=2, ICP=[1,11], NMX=76)\n",
    "tsodyks_markram": "run(r('HB1'), IPS=2, ICP=[1,11], NMX=78, DSMAX=0.1)\n",
}
# The longest period of ours.
OUR_PERIOD = {"wilson_cowan": 58.8, "tsodyks_markram": 10.29}
PLANE = ["--and", "alpha=0.5:3"]


def jobs():
    """What is asked of AUTO, and of ours."""
    for title, request in (("Wilson-Cowan", WILSON), ("Tsodyks-Markram", TSODYKS)):
        model = request[0]
        for where, ours in (("one branch", alone(request)), ("in a box", request)):
            yield f"{title}, {where}", (EQUILIBRIA[model], ours)
            yield f"{title}, {where}, cycles", (EQUILIBRIA[model] + CYCLES[model], ours + ONE)
            to_ours = CYCLES[model].replace("ICP=", f"UZSTOP={{11: {OUR_PERIOD[model]}}}, ICP=")
            yield f"{title}, {where}, cycles to our period", (EQUILIBRIA[model] + to_ours, ours + ONE)
            if model == "tsodyks_markram":
                yield f"{title}, {where}, curves", (EQUILIBRIA[model] + CURVES, ours + PLANE)


JOBS = dict(jobs())


def spent():
    """Processor seconds of all children so far."""
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


def auto(job, folder):
    """Processor seconds, clock seconds, solver seconds and points of one run of AUTO."""
    script, (model, *_) = JOBS[job]
    for name in (f"{model}.f90", f"c.{model}"):
        shutil.copy(os.path.join(HERE, name), folder)
    with open(os.path.join(folder, "job.auto"), "w") as file:
        file.write(script)
    for name in (f"{model}.o", f"{model}.exe"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    start, before = time.perf_counter(), spent()
    run = subprocess.run(
        ["auto-07p", "job.auto"], cwd=folder, capture_output=True, text=True, check=True, env=dict(os.environ, OMP_NUM_THREADS="1")
    )
    clock, whole = time.perf_counter() - start, spent() - before
    solver = sum(float(t) for t in re.findall(r"Total Time\s+(\S+)", run.stdout))
    points = sum(int(n) for n in re.findall(r"^\s+\d+\s+-?(\d+)\s+(?:EP|UZ|MX)\s", run.stdout, re.M) if n != "1")
    assert points, run.stdout
    return whole, clock, solver, points


def ours(program, job):
    """The same of ours, on one thread."""
    model, *arguments = JOBS[job][1]
    command = [program, "continue", os.path.join(HERE, f"{model}.ode"), *arguments, "--threads", "1", "--json", "--quiet"]
    start, before = time.perf_counter(), spent()
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    clock, whole = time.perf_counter() - start, spent() - before
    answer = json.loads(run.stdout)
    return whole, clock, answer["seconds"], answer["points"]


def main():
    program = os.path.abspath(sys.argv[1])
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for job in JOBS:
        pairs = []
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(repetitions):
                pairs.append((auto(job, folder), ours(program, job)))
        sides = [[statistics.median(p[k][i] for p in pairs) for i in range(4)] for k in (0, 1)]
        print(job)
        for name, (whole, clock, solver, points) in zip(("AUTO", "ours"), sides):
            rate = points / solver
            print(f"  {name} {whole:.3f} s whole ({clock:.3f} s by the clock), {solver:.4f} s solver, {points:.0f} points, {rate:.0f} a second")
        (aw, ac, asolver, _), (ow, oc, osolver, _) = sides
        print(f"  AUTO/ours: whole {aw / ow:.1f}x (clock {ac / oc:.1f}x), solver {asolver / osolver:.2f}x", flush=True)


if __name__ == "__main__":
    main()
