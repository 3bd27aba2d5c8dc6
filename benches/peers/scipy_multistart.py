"""The networks of benches/fixed_points.rs with scipy: Newton (fsolve) from many random starts, no proof of completeness.

    python3 benches/peers/scipy_multistart.py

Installs numpy and scipy into a virtual environment of its own next to the system's temporary files.
Prints, for 100, 1000 and 10000 starts, how many different roots were found and the seconds it took.
"""

import os
import subprocess
import sys
import tempfile

HOME = os.path.join(tempfile.gettempdir(), "homeostat-peer-scipy")

WORK = """
import time
import numpy as np
from scipy.optimize import fsolve

def weights(n, two, own, others):
    state, w = 12345, np.zeros((n, n))
    for k in range(n * n):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        draw = (state >> 11) / 2**53 * 2 - 1
        w[k // n, k % n] = others * draw + (0 if k // n != k % n else own if k // n < two else 0.3)
    return w

for n, two, own, others in [(4, 4, 1.5, 0.2), (6, 3, 1.5, 0.1), (6, 6, 1.4, 0.35), (6, 6, 1.5, 0.25), (6, 6, 1.5, 0.1)]:
    w = weights(n, two, own, others)
    f = lambda r: np.tanh(w @ r) - r
    df = lambda r: (1 - np.tanh(w @ r) ** 2)[:, None] * w - np.eye(n)
    for starts in (100, 1000, 10000):
        rng, roots, begin = np.random.default_rng(1), [], time.perf_counter()
        for _ in range(starts):
            r, info, ok, _ = fsolve(f, rng.uniform(-1.5, 1.5, n), fprime=df, full_output=True, xtol=1e-12)
            if ok == 1 and np.abs(f(r)).max() < 1e-10 and not any(np.abs(r - q).max() < 1e-6 for q in roots):
                roots.append(r)
        print(f'{n}-d {two}x{own}+{others}: {starts} starts, {len(roots)} roots, {time.perf_counter() - begin:.3f} s', flush=True)
"""


def main():
    python = os.path.join(HOME, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "numpy", "scipy"], check=True)
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    subprocess.run([python, "-c", WORK], check=True, env=environment)


if __name__ == "__main__":
    main()
