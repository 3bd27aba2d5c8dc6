"""The work of benches/ensemble.rs in Brian2: 1000 members, two variables, Euler-Maruyama, default preferences.

    python3 benches/peers/brian2_ensemble.py [STEPS] [MEMBERS]

Installs Brian2 into a virtual environment of its own next to the system's temporary files. A plain `pip install brian2`
may bring a numpy with which the import fails, hence the version. Brian2's default is its runtime with code generation
`auto`; its first run compiles, is made, and is not counted. Ours and Brian2's run in turns; printed are both medians and
the median of their ratios.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile

TURNS = 5
HOME = os.path.join(tempfile.gettempdir(), "homeostat-peer-brian2")

WORK = """
import sys, time
from brian2 import NeuronGroup, Network, defaultclock, ms, second, seed, prefs
steps, members = int(sys.argv[1]), int(sys.argv[2])
defaultclock.dt = 0.1 * ms
seed(1)
equations = '''
dr/dt     = (-r + gain*(u - theta) - c*r**3)/tau_r + a*sqrt(2/tau_r)*xi_r : 1
dtheta/dt = (r - r0)/tau_theta + b*sqrt(2/tau_theta)*xi_theta : 1
'''
values = dict(gain=2, u=1, c=0.1, r0=0.5, tau_r=10*ms, tau_theta=1*second, a=0.2, b=0.05)
group = NeuronGroup(members, equations, method='euler', namespace=values)
group.r = 0.5
group.theta = 0.5
network = Network(group)
network.run(10 * defaultclock.dt)
start = time.perf_counter()
network.run(steps * defaultclock.dt)
print(f'seconds {time.perf_counter() - start}', prefs.codegen.target)
"""


def main():
    steps = sys.argv[1] if len(sys.argv) > 1 else "20000"
    members = sys.argv[2] if len(sys.argv) > 2 else "1000"
    python = os.path.join(HOME, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "brian2==2.9.0", "numpy==1.26.4", "setuptools<81"], check=True)
    ours = ["cargo", "bench", "-q", "--bench", "ensemble", "--", steps, members, "text"]
    theirs = [python, "-c", WORK, steps, members]
    subprocess.run(ours, check=True, capture_output=True)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(TURNS)]
    each = 1e9 / int(steps) / int(members)
    for name, k in (("homeostat, compiled text", 0), ("Brian2, default", 1)):
        middle = statistics.median(pair[k] for pair in pairs)
        print(f"{name:<26} {middle:>8.3f} s  {middle * each:>7.2f} ns a step and member")
    print(f"Brian2 / homeostat = {statistics.median(b / a for a, b in pairs):.1f}")


def seconds(command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"seconds (\S+)", out).group(1))


if __name__ == "__main__":
    main()
