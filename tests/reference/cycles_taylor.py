"""Rössler's first period doubling in 40 digits: python cycles_taylor.py >> cycles.csv.

Taylor series of order 40 for the state and its first variation; Newton's method for the cycle through the section
y = 0 (x > 0), its period and the parameter c, with the Jacobian by differences of 1e-18; the last equation is
trace(M) + det(M) + 1 = 0 with the multipliers of M other than the trivial one, which hold 1 and -1. The printed digits
are the same with 96 and 144 steps per period.
"""

import sys

from mpmath import lu_solve, matrix, mp, mpf

mp.dps = 40
A, B = mpf(1) / 5, mpf(1) / 5
ORDER = 40


def step(x, m, c, h):
    """One Taylor step of the state and of three columns of the first variation."""
    s = [[v] for v in x]
    cols = [[[v] for v in column] for column in m]
    for k in range(ORDER):
        conv = lambda a, b: sum((a[i] * b[k - i] for i in range(k + 1)), mpf(0))
        X, Y, Z = s
        rates = (-Y[k] - Z[k], X[k] + A * Y[k], (B if k == 0 else 0) + conv(Z, X) - c * Z[k])
        more = []
        for U, V, W in cols:
            more.append((-V[k] - W[k], U[k] + A * V[k], conv(Z, U) + conv(W, X) - c * W[k]))
        for series, r in zip(s, rates):
            series.append(r / (k + 1))
        for column, rates in zip(cols, more):
            for series, r in zip(column, rates):
                series.append(r / (k + 1))
    at = lambda series: sum((v * h**i for i, v in enumerate(series)), mpf(0))
    return [at(v) for v in s], [[at(v) for v in column] for column in cols]


def flow(x, c, period, parts):
    m = [[mpf(int(i == j)) for i in range(3)] for j in range(3)]
    for _ in range(parts):
        x, m = step(x, m, c, period / parts)
    return x, m


def lacks(q, parts):
    x, z, period, c = q
    start = [x, mpf(0), z]
    end, m = flow(start, c, period, parts)
    trace = m[0][0] + m[1][1] + m[2][2]
    minors = sum(m[i][i] * m[j][j] - m[i][j] * m[j][i] for i, j in ((0, 1), (0, 2), (1, 2)))
    det = minors - trace + 1  # from the trivial multiplier: 1 - trace + minors - det = 0
    # The two others have the sum trace - 1 and the product det; one of them is -1.
    return [end[0] - start[0], end[1], end[2] - start[2], 1 + (trace - 1) + det]


def newton(q, parts):
    for _ in range(7):
        f = lacks(q, parts)
        jacobian = matrix(4)
        for j in range(4):
            h = mpf(10) ** -18
            moved = list(q)
            moved[j] += h
            for i, (a, b) in enumerate(zip(lacks(moved, parts), f)):
                jacobian[i, j] = (a - b) / h
        d = lu_solve(jacobian, -matrix(f))
        q = [a + b for a, b in zip(q, d)]
        print(mp.nstr(max(abs(v) for v in d), 3), file=sys.stderr)
        if max(abs(v) for v in d) < mpf(10) ** -30:
            break
    return q


at = [mpf(v) for v in ("5.0564", "1.6258", "5.7673", "2.8324")]
once, twice = newton(at, 96), newton(at, 144)
assert max(abs(a - b) for a, b in zip(once, twice)) < mpf(10) ** -25
print(f"roessler-first-doubling-40-digits,{mp.nstr(once[3], 25)},{mp.nstr(once[2], 25)},-1")
