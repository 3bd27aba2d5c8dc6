"""Periods, multipliers and period doublings of standard oscillators by shooting: python cycles.py > cycles.csv.

DOP853 (scipy) with relative tolerance 1e-13 for the state and its first variation (exact Jacobians); Newton's method on
the section through the current start; period doublings by a secant in the parameter until a multiplier is -1. The digits
of the periods were compared once with Taylor series of order 30 in 30 digits (van der Pol, mu = 1 to 5): 1e-12.
A line is: name, parameter, period, the largest multiplier beside the trivial one (absolute error about 1e-12).
"""

import numpy as np
import scipy
from scipy.integrate import solve_ivp


def vanderpol(mu):
    f = lambda x: [x[1], mu * (1 - x[0] ** 2) * x[1] - x[0]]
    return f, lambda x: [[0, 1], [-2 * mu * x[0] * x[1] - 1, mu * (1 - x[0] ** 2)]]


def fitzhugh(current, eps=0.08, a=0.7, b=0.8):
    f = lambda x: [x[0] - x[0] ** 3 / 3 - x[1] + current, eps * (x[0] + a - b * x[1])]
    return f, lambda x: [[1 - x[0] ** 2, -1], [eps, -eps * b]]


def brusselator(b):
    f = lambda x: [1 - (b + 1) * x[0] + x[0] ** 2 * x[1], b * x[0] - x[0] ** 2 * x[1]]
    return f, lambda x: [[2 * x[0] * x[1] - b - 1, x[0] ** 2], [b - 2 * x[0] * x[1], -x[0] ** 2]]


def wilson_cowan(p):
    sigma = lambda u, a, theta: 1 / (1 + np.exp(-a * (u - theta)))
    zero = lambda a, theta: 1 / (1 + np.exp(a * theta))
    drive = lambda x: (sigma(16 * x[0] - 12 * x[1] + p, 1.3, 4), sigma(15 * x[0] - 3 * x[1], 2, 3.7))

    def f(x):
        e, i = drive(x)
        return [(1 - x[0]) * (e - zero(1.3, 4)) - x[0], (1 - x[1]) * (i - zero(2, 3.7)) - x[1]]

    def jacobian(x):
        e, i = drive(x)
        de, di = 1.3 * e * (1 - e) * (1 - x[0]), 2 * i * (1 - i) * (1 - x[1])
        return [[16 * de - (e - zero(1.3, 4)) - 1, -12 * de], [15 * di, -3 * di - (i - zero(2, 3.7)) - 1]]

    return f, jacobian


def roessler(c, a=0.2, b=0.2):
    f = lambda x: [-x[1] - x[2], x[0] + a * x[1], b + x[2] * (x[0] - c)]
    return f, lambda x: [[0, -1, -1], [1, a, 0], [x[2], 0, x[0] - c]]


def flow(system, x, duration):
    f, jacobian = system
    n = len(x)

    def rate(_, y):
        return np.concatenate([f(y[:n]), (np.array(jacobian(y[:n])) @ y[n:].reshape(n, n)).ravel()])

    start = np.concatenate([x, np.eye(n).ravel()])
    end = solve_ivp(rate, (0, duration), start, method="DOP853", rtol=1e-13, atol=1e-15).y[:, -1]
    return end[:n], end[n:].reshape(n, n)


def shoot(system, x, period):
    n = len(x)
    for _ in range(30):
        end, monodromy = flow(system, x, period)
        rate = np.array(system[0](x))
        matrix = np.block([[monodromy - np.eye(n), np.array(system[0](end))[:, None]], [rate[None, :], np.zeros((1, 1))]])
        step = np.linalg.solve(matrix, np.concatenate([x - end, [0.0]]))
        x, period = x + step[:n], period + step[n]
        if np.abs(step).max() < 1e-11:
            break
    else:
        raise RuntimeError("no convergence")
    values = sorted(np.linalg.eigvals(monodromy), key=lambda v: abs(v - 1))[1:]
    return x, period, max(values, key=abs)


def settle(system, x, duration, rounds=1):
    run = solve_ivp(lambda _, y: system[0](y), (0, duration), x, method="DOP853", rtol=1e-10, atol=1e-12, dense_output=True)
    t = np.linspace(0.5 * duration, duration, 40001)
    y = run.sol(t)
    middle = 0.5 * (y[0].min() + y[0].max())
    up = [i for i in range(1, len(t)) if y[0][i - 1] < middle <= y[0][i]]
    return y[:, up[-1 - rounds]], t[up[-1]] - t[up[-1 - rounds]]


def doubling(low, high, x, period):
    tried = []
    parameters = [low, high]
    while len(tried) < 2 or abs(tried[-1][0] - tried[-2][0]) > 1e-13:
        if len(tried) >= 2:
            (a, fa), (b, fb) = tried[-2:]
            parameters.append(b - fb * (b - a) / (fb - fa))
        c = parameters[len(tried)]
        x, period, m = shoot(roessler(c), x, period)
        tried.append((c, m.real + 1))
    return tried[-1][0], period


def main():
    print(f"# scipy {scipy.__version__}, numpy {np.__version__}; written by cycles.py")
    print("name,parameter,period,multiplier")
    row = lambda name, at, period, m: print(f"{name},{at!r},{float(period):.15g},{float(m):.12g}", flush=True)
    cases = [
        ("van-der-pol", vanderpol, [1.0, 2.0, 3.0, 4.0, 5.0], [2, 0], 80),
        ("fitzhugh-nagumo", fitzhugh, [0.5, 0.8], [1, 0], 400),
        ("brusselator", brusselator, [2.5, 3.0], [1, 1], 200),
        ("wilson-cowan", wilson_cowan, [1.25, 1.5], [0.1, 0.05], 200),
    ]
    for name, system, parameters, x, duration in cases:
        for at in parameters:
            row(name, at, *shoot(system(at), *settle(system(at), x, duration))[1:])
    first = doubling(2.82, 2.83, *settle(roessler(2.7), [3, 0, 0], 600))
    row("roessler-first-doubling", float(first[0]), first[1], -1)
    second = doubling(3.82, 3.83, *settle(roessler(3.8), [3, 0, 0], 1200, rounds=2))
    row("roessler-second-doubling", float(second[0]), second[1], -1)


if __name__ == "__main__":
    main()
