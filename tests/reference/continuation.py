"""Reference values of bifurcation points: python continuation.py > continuation.csv (mpmath 1.3.0, 50 digits, minutes).

Each row is a point of one model at random parameters: a fold or a Hopf point when one parameter is free (`other` is
then empty), or a point of codimension two when two are. The points are zeros of the equilibrium equations together with
coefficients of the characteristic polynomial, by Newton's method from random starts, first in double precision and then
with 50 digits (30 are right or better); l1 is Kuznetsov's formula with every derivative taken numerically at 50 digits.
The equations stand in `src/dynamics/continuation/accuracy_tests.rs` as well, written independently.
"""
import random
import math
import numpy
from mpmath import mp, mpf, mpc, matrix, lu_solve, sqrt, nstr

mp.dps = 50


def over(name):
    """A function of floats in the search, of 50 digits in the end."""
    return lambda x: getattr(math if isinstance(x, float) else mp, name)(x)


exp, log, tanh, cosh = map(over, ("exp", "log", "tanh", "cosh"))


def like(x, text):
    """A decimal constant as the same kind of number as x."""
    if isinstance(x, float):
        return math.pi if text == "pi" else float(text)
    return +mp.pi if text == "pi" else mpf(text)


def sig(x):
    return 1 / (1 + exp(-x))


def wilson_cowan(x, p):
    e, i = x
    P, Q, wee, wei, wie, wii = p
    ae, te, ai, ti = (like(e, t) for t in ("1.3", "4", "2", "3.7"))
    s = lambda y, a, t: 1 / (1 + exp(-a * (y - t))) - 1 / (1 + exp(a * t))
    ke, ki = 1 - 1 / (1 + exp(ae * te)), 1 - 1 / (1 + exp(ai * ti))
    return [-e + (ke - e) * s(wee * e - wei * i + P, ae, te), -i + (ki - i) * s(wie * e - wii * i + Q, ai, ti)]


def tsodyks_markram(y, p):
    e, x, u = y
    E0, alpha, J, U = p
    return [(-e + alpha * log(1 + exp((J * u * x * e + E0) / alpha))) / like(e, "0.013"),
            (1 - x) / like(e, "0.2") - u * x * e, (U - u) / like(e, "1.5") + U * (1 - u) * e]


def fitzhugh_nagumo(x, p):
    v, w = x
    I, a, b, eps = p
    return [v - v**3 / 3 - w + I, eps * (v + a - b * w)]


def morris_lecar(x, p):
    v, w = x
    I, gca, phi, v3 = p
    minf = (1 + tanh((v + like(v, "1.2")) / 18)) / 2
    winf = (1 + tanh((v - v3) / like(v, "17.4"))) / 2
    return [(I - gca * minf * (v - 120) - 8 * w * (v + 84) - 2 * (v + 60)) / 20,
            phi * (winf - w) * cosh((v - v3) / like(v, "34.8"))]


def qif(x, p):
    r, v = x
    pi = like(r, "pi")
    eta, J, delta = p
    return [delta / pi + 2 * r * v, v**2 + eta + J * r - (pi * r)**2]


def qif_adaptation(x, p):
    r, v, a = x
    pi = like(r, "pi")
    eta, J, delta, alpha = p
    return [delta / pi + 2 * r * v, v**2 + eta + J * r - a - (pi * r)**2, (-a + alpha * r) / 10]


def predator_prey(x, p):
    n, m = x
    k, a, d = p
    return [n * (1 - n / k) - n * m / (a + n), n * m / (a + n) - d * m]


def bazykin(x, p):
    n, m = x
    alpha, d, eps, g = p
    return [n - n * m / (1 + alpha * n) - eps * n**2, -g * m + n * m / (1 + alpha * n) - d * m**2]


# model: function, defaults, jitter, free parameter and range, second and range, box of states, random sets
MODELS = {
    "wilson_cowan": (wilson_cowan, [1.2, 0, 16, 12, 15, 3], 0.06, (0, (0, 3)), (1, (-2, 2)), [(0, .5), (0, .5)], 12),
    "tsodyks_markram": (tsodyks_markram, [-1.5, 1.5, 3.07, 0.3], 0.03, (0, (-3, -0.9)), (1, (0.8, 3)), [(0, 40), (0, 1), (0, 1)], 10),
    "fitzhugh_nagumo": (fitzhugh_nagumo, [0.5, 0.7, 0.8, 0.08], 0.1, (0, (-0.5, 2)), None, [(-3, 3), (-3, 3)], 10),
    "morris_lecar": (morris_lecar, [60, 4.4, 0.04, 4], 0.08, (0, (0, 300)), (3, (0, 16)), [(-75, 60), (0, 1)], 10),
    "qif": (qif, [-5, 15, 1], 0.1, (0, (-12, 2)), (1, (5, 25)), [(0.001, 4), (-5, 1)], 8),
    "qif_adaptation": (qif_adaptation, [-5, 22, 1, 10], 0.1, (0, (-14, 2)), (3, (0, 15)), [(0.001, 4), (-6, 1), (0, 60)], 8),
    "predator_prey": (predator_prey, [1.5, 0.5, 0.4], 0.15, (0, (0.6, 4)), None, [(0.02, 4), (0.02, 4)], 8),
    "bazykin": (bazykin, [0.3, 0.3, 0.01, 1], 0.05, (0, (0.05, 0.8)), (1, (0.02, 0.6)), [(0.3, 90), (0.3, 25)], 6),
}


def jacobian(f, x, p):
    """By a fourth-order central difference: errors of 1e-12 in the search, of 1e-33 with 50 digits."""
    n, rough = len(x), isinstance(x[0], float)
    h = 1e-3 * 1e-1 if rough else mpf(10) ** -12
    j = [[0] * n for _ in range(n)]
    for k in range(n):
        at = lambda c: f([v + (c * h if i == k else 0) for i, v in enumerate(x)], p)
        a3, a, b, c, d, d3 = at(-3), at(-2), at(-1), at(1), at(2), at(3)
        for i in range(n):
            j[i][k] = (d3[i] - a3[i] - 9 * (d[i] - a[i]) + 45 * (c[i] - b[i])) / (60 * h)
    return j if rough else matrix(j)


def polynomial(j):
    """Coefficients a_1 … a_n of the characteristic polynomial."""
    j = j.tolist() if hasattr(j, "tolist") else j
    n = len(j)
    minor = lambda a, b: j[a][a] * j[b][b] - j[a][b] * j[b][a]
    if n == 2:
        return [-(j[0][0] + j[1][1]), minor(0, 1)]
    whole = sum(j[0][a] * (j[1][(a + 1) % 3] * j[2][(a + 2) % 3] - j[1][(a + 2) % 3] * j[2][(a + 1) % 3]) for a in range(3))
    return [-(j[0][0] + j[1][1] + j[2][2]), minor(0, 1) + minor(0, 2) + minor(1, 2), -whole]


def line(f, x, p, u, order):
    """The derivative of that order of f along the direction u, by central differences of high order."""
    weights = {2: {0: mpf(-205) / 72, 1: mpf(8) / 5, 2: mpf(-1) / 5, 3: mpf(8) / 315, 4: mpf(-1) / 560},
               3: {1: mpf(-61) / 30, 2: mpf(169) / 120, 3: mpf(-3) / 10, 4: mpf(7) / 240}}[order]
    h = mpf(10) ** (-5 if order == 2 else -4)
    total = [mpf(0)] * len(x)
    for k, w in weights.items():
        for sign in ((1, -1) if k else (1,)):
            value = f([v + sign * k * h * c for v, c in zip(x, u)], p)
            factor = w * (sign if order == 3 else 1)
            total = [t + factor * v for t, v in zip(total, value)]
    return matrix([t / h**order for t in total])


def second(f, x, p, u, v):
    plus, minus = [a + b for a, b in zip(u, v)], [a - b for a, b in zip(u, v)]
    return (line(f, x, p, plus, 2) - line(f, x, p, minus, 2)) / 4


def bilinear(f, x, p, u, v):
    re = lambda w: [mp.re(c) for c in w]
    im = lambda w: [mp.im(c) for c in w]
    b = lambda a, c: second(f, x, p, a, c)
    return (b(re(u), re(v)) - b(im(u), im(v))) + (b(re(u), im(v)) + b(im(u), re(v))) * mpc(0, 1)


def trilinear(f, x, p, q):
    """C(q, q, conj q)."""
    a, b = [mp.re(c) for c in q], [mp.im(c) for c in q]
    c = lambda u: line(f, x, p, u, 3)
    plus, minus = c([i + j for i, j in zip(a, b)]), c([i - j for i, j in zip(a, b)])
    aaa, bbb = c(a), c(b)
    aab, abb = (plus - minus) / 6 - bbb / 3, (plus + minus) / 6 - aaa / 3
    return aaa + abb + (aab + bbb) * mpc(0, 1)


def null(m):
    """The null vector of a complex matrix of corank one, by one bordered solve with a fixed border."""
    n = m.rows
    full = matrix(n + 1, n + 1)
    for i in range(n):
        for k in range(n):
            full[i, k] = m[i, k]
        full[i, n] = mpf(1) / (i + 2)
        full[n, i] = mpf(1) / (2 * i + 3)
    return lu_solve(full, matrix([0] * n + [1]))[:n]


def lyapunov(f, x, p, omega):
    n = len(x)
    j = jacobian(f, x, p)
    i = mpc(0, 1)
    eye = mp.eye(n)
    q = null(j - i * omega * eye)
    size = sqrt(sum(abs(c) ** 2 for c in q))
    q = [c / size for c in q]
    w = null(j.T + i * omega * eye)
    overlap = sum(mp.conj(a) * b for a, b in zip(w, q))
    w = [a / mp.conj(overlap) for a in w]
    conj = [mp.conj(c) for c in q]
    inner = lambda v: sum(mp.conj(a) * b for a, b in zip(w, v))
    h11 = lu_solve(j, bilinear(f, x, p, q, conj))
    h20 = lu_solve(2 * i * omega * eye - j, bilinear(f, x, p, q, q))
    total = trilinear(f, x, p, q) - 2 * bilinear(f, x, p, q, list(h11)) + bilinear(f, x, p, conj, list(h20))
    return mp.re(inner(total)) / (2 * omega)


def quadratic(f, x, p):
    """The coefficient of s² at a fold, up to its scale."""
    j = jacobian(f, x, p)
    q, w = null(j), null(j.T)
    return sum(a * b for a, b in zip(w, second(f, x, p, q, q)))


def conditions(kind, f, x, p):
    a = polynomial(jacobian(f, x, p))
    fold = a[-1]
    hopf = a[0] if len(a) == 2 else a[0] * a[1] - a[2]
    first = {"fold": [fold], "hopf": [hopf], "bogdanov-takens": [fold, a[-2]], "zero-hopf": [fold, a[0]]}
    if kind in first:
        return first[kind]
    # These two need derivatives that only many digits give.
    x, p = [mpf(v) for v in x], [mpf(v) for v in p]
    if kind == "cusp":
        return [fold, quadratic(f, x, p)]
    return [hopf, lyapunov(f, x, p, sqrt(abs(mpf(a[1]))))]


def equations(kind, f, p, free, n):
    def g(u):
        q = list(p)
        for k, v in zip(free, u[n:]):
            q[k] = v
        return list(f(list(u[:n]), q)) + conditions(kind, f, list(u[:n]), q)
    return g


def search(g, start):
    """Newton's method in double precision; None if it does not arrive."""
    u = [float(v) for v in start]
    try:
        for _ in range(30):
            value = numpy.array([float(v) for v in g(u)])
            columns = []
            for k in range(len(u)):
                h = 1e-6 * max(1.0, abs(u[k]))
                up, down = [v + (h if i == k else 0) for i, v in enumerate(u)], [v - (h if i == k else 0) for i, v in enumerate(u)]
                columns.append([(float(a) - float(b)) / (2 * h) for a, b in zip(g(up), g(down))])
            step = numpy.linalg.solve(numpy.array(columns).T, value)
            u = [float(v - s) for v, s in zip(u, step)]
            if not all(math.isfinite(v) and abs(v) < 1e4 for v in u):
                return None
            if max(abs(s) for s in step) < 1e-7:
                return u
    except (ZeroDivisionError, ValueError, OverflowError, TypeError, numpy.linalg.LinAlgError):
        return None
    return None


def polish(g, u):
    """A chord iteration with 50 digits: the Jacobian of the system is taken once."""
    u = [mpf(v) for v in u]
    n, h = len(u), mpf(10) ** -15
    j = matrix(n, n)
    for k in range(n):
        up, down = g([v + (h if i == k else 0) for i, v in enumerate(u)]), g([v - (h if i == k else 0) for i, v in enumerate(u)])
        for i in range(n):
            j[i, k] = (up[i] - down[i]) / (2 * h)
    for _ in range(40):
        step = lu_solve(j, matrix(g(u)))
        u = [v - s for v, s in zip(u, step)]
        if max(abs(s) / (1 + abs(v)) for s, v in zip(step, u)) < mpf(10) ** -32:
            return u
    return None


def points(kind, f, p, free, box, ranges, tries, rng):
    found = []
    n, limits = len(box), list(box) + list(ranges)
    rough = equations(kind, f, [float(v) for v in p], free, n)
    fine = equations(kind, f, p, free, n)
    for _ in range(tries):
        u = search(rough, [rng.uniform(*b) for b in limits])
        inside = u is not None and all(lo < v < hi for v, (lo, hi) in zip(u, limits))
        if not inside or any(max(abs(a - b) for a, b in zip(u, old)) < 1e-4 for old in found):
            continue
        u = polish(fine, u)
        if u is None or any(max(abs(a - b) for a, b in zip(u, old)) < 1e-6 for old in found):
            continue
        found.append(u)
    return found


def main():
    rng = random.Random(7)
    text = lambda values: ";".join(nstr(v, 30) for v in values)
    print("model,parameters,free,kind,values,state,omega,first_lyapunov")
    for name, (f, defaults, jitter, first, second_, box, sets) in MODELS.items():
        for k in range(sets):
            p = [mpf(repr(float(round(v * (1 + (jitter * rng.uniform(-1, 1) if k else 0)), 6)))) for v in defaults]
            for kind in ("fold", "hopf"):
                for u in points(kind, f, p, [first[0]], box, [first[1]], 60, rng):
                    emit(name, f, p, [first[0]], kind, u, len(box), text)
            if second_ and k < 3:
                kinds = ["cusp", "bogdanov-takens"] + (["generalized-hopf"] if len(box) == 2 else ["zero-hopf"])
                for kind in kinds:
                    tries = 6 if kind == "generalized-hopf" else 12 if kind == "cusp" else 40
                    for u in points(kind, f, p, [first[0], second_[0]], box, [first[1], second_[1]], tries, rng):
                        emit(name, f, p, [first[0], second_[0]], kind, u, len(box), text)


def emit(name, f, p, free, kind, u, n, text):
    q = list(p)
    for k, v in zip(free, u[n:]):
        q[k] = v
    a = polynomial(jacobian(f, u[:n], q))
    omega = l1 = ""
    if kind in ("hopf", "generalized-hopf", "zero-hopf"):
        omega2 = a[1]
        if omega2 <= mpf(10) ** -8:
            return
        omega = nstr(sqrt(omega2), 30)
        if kind == "hopf":
            l1 = nstr(lyapunov(f, u[:n], q, sqrt(omega2)), 20)
    print(f"{name},{text(p)},{';'.join(map(str, free))},{kind},{text(u[n:])},{text(u[:n])},{omega},{l1}", flush=True)


if __name__ == "__main__":
    main()
