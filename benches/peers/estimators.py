"""The rows of benches/estimators.rs beside scikit-learn, NPEET, numpy and the Rust crate infomeasure, on the same data.

    cargo bench --bench estimators --no-run
    python3 benches/peers/estimators.py [ROUNDS]

Installs the Python programs into a virtual environment and builds infomeasure in a project of its own, both in the
system's temporary folder (OpenBLAS for development must be there, for example Debian's libopenblas-dev). In every round
each program runs once after the other and gives its least time of some repeats; what is printed is the median over the
rounds of the peer's time divided by ours in the same round, so that a busy machine disturbs both.
"""

import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HOME = os.path.join(tempfile.gettempdir(), "homeostat-peer-estimators")
RUST = os.path.join(tempfile.gettempdir(), "homeostat-peer-infomeasure")
DATA = os.path.join(HOME, "data")
ROWS = {"ksg-1e3": 15, "ksg-1e4": 7, "ksg-1e5": 3, "ksg-5+5": 3, "plug-in": 15, "permutations": 1}

WORK = """
import sys, time
import numpy as np
folder, row, program, repeats = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
d = 5 if row == "ksg-5+5" else 1
x, y = (np.fromfile(f"{folder}/{row}.{side}").reshape(d, -1).T.copy() for side in "xy")
if program == "scikit-learn":
    from sklearn.feature_selection import mutual_info_regression
    # Its noise of 1e-10 and its division by the standard deviation are part of it.
    work = lambda: mutual_info_regression(x, y[:, 0], n_neighbors=3, random_state=1)[0]
elif program == "NPEET":
    from npeet_plus import mi
    work = lambda: mi(x, y, k=3, base=np.e)
else:
    a, b = x[:, 0].astype(np.int64), y[:, 0].astype(np.int64)
    def work():
        width = b.max() + 1
        p = np.bincount(a * width + b, minlength=(a.max() + 1) * width).reshape(-1, width) / len(a)
        q = np.outer(p.sum(1), p.sum(0))
        seen = p > 0
        return (p[seen] * np.log(p[seen] / q[seen])).sum()
answer = work()
for _ in range(repeats):
    start = time.perf_counter()
    work()
    print(time.perf_counter() - start)
print(answer)
"""


def install():
    python = os.path.join(HOME, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        packages = ["numpy", "scipy", "scikit-learn", "npeet-plus"]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    peer = os.path.join(RUST, "target", "release", "peer")
    if not os.path.exists(peer):
        for name, version in [("wgpu", "28.0.0"), ("plotters", "0.3.7")]:
            os.makedirs(os.path.join(RUST, "empty", name, "src"), exist_ok=True)
            with open(os.path.join(RUST, "empty", name, "Cargo.toml"), "w") as file:
                file.write(f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n')
            open(os.path.join(RUST, "empty", name, "src", "lib.rs"), "w").close()
        for file in glob.glob(os.path.join(HERE, "infomeasure", "*")):
            shutil.copy(file, RUST)
        # Newer versions of its dependencies do not compile with it; those that it was released with do.
        subprocess.run(["cargo", "fetch", "--quiet"], cwd=RUST, check=True)
        cargo = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
        lock = glob.glob(os.path.join(cargo, "registry", "src", "*", "infomeasure-0.6.0", "Cargo.lock"))
        shutil.copy(lock[0], os.path.join(RUST, "Cargo.lock"))
        subprocess.run(["cargo", "build", "--release"], cwd=RUST, check=True)
    return python, peer


def least(command, threads):
    environment = dict(os.environ, RAYON_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    lines = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout.split()
    return min(map(float, lines[:-1])), float(lines[-1])


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    python, peer = install()
    built = glob.glob(os.path.join(ROOT, "target", "release", "deps", "estimators-*"))
    ours = max((f for f in built if os.access(f, os.X_OK) and not f.endswith(".d")), key=os.path.getmtime)
    subprocess.run([ours, "write", DATA], check=True)
    print(f"{'row':<14}{'program':<14}{'threads':>8}{'theirs':>12}{'ours':>12}{'theirs/ours':>13}{'nats':>10}{'ours':>10}")
    for row, repeats in ROWS.items():
        programs = {"infomeasure": [peer, DATA, row, str(repeats)]}
        if row == "plug-in":
            programs["numpy"] = [python, "-c", WORK, DATA, row, "numpy", str(repeats)]
        elif row.startswith("ksg"):
            programs["NPEET"] = [python, "-c", WORK, DATA, row, "NPEET", str(repeats)]
            if row != "ksg-5+5":
                programs["scikit-learn"] = [python, "-c", WORK, DATA, row, "scikit-learn", str(repeats)]
        found = {}
        for _ in range(rounds):
            for threads in (1, 2):
                mine = least([ours, "time", row, str(threads), str(repeats)], threads)
                for name, command in programs.items():
                    # The Python programs run on one thread whatever they are given.
                    if threads == 1 or name == "infomeasure":
                        found.setdefault((name, threads), []).append((least(command, threads), mine))
        for (name, threads), pairs in sorted(found.items()):
            theirs, mine = (statistics.median(p[i][0] for p in pairs) for i in (0, 1))
            ratio = statistics.median(p[0][0] / p[1][0] for p in pairs)
            answers = f"{pairs[0][0][1]:>10.4f}{pairs[0][1][1]:>10.4f}"
            times = f"{theirs * 1e3:>9.2f} ms{mine * 1e3:>9.2f} ms"
            print(f"{row:<14}{name:<14}{threads:>8}{times}{ratio:>13.2f}{answers}", flush=True)


if __name__ == "__main__":
    main()
