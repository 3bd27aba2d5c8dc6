"""Special points of the field's standard systems: python systems.py > systems.csv (mpmath 1.3.0, about a minute).

Each is the root of (rate, defining function) in (state, parameter), from a start with two digits; the defining function is
the determinant of the Jacobian at a fold, and the last Hurwitz determinant but one at a Hopf point.
"""
from mpmath import mp, mpf, matrix, exp, log, tanh, cosh, sqrt, pi, eye, findroot, eig, nstr, im, re

mp.dps = 50
H = mpf(10) ** -20


def wilson_cowan(x, p):
    e, i = x
    s = lambda x, a, th: 1 / (1 + exp(-a * (x - th))) - 1 / (1 + exp(a * th))
    ae, te, ai, ti = mpf("1.3"), mpf(4), mpf(2), mpf("3.7")
    ke, ki = 1 - 1 / (1 + exp(ae * te)), 1 - 1 / (1 + exp(ai * ti))
    return [-e + (ke - e) * s(16 * e - 12 * i + p, ae, te), -i + (ki - i) * s(15 * e - 3 * i, ai, ti)]


def tsodyks_markram(x, p):
    r, x, u = x
    al, tau, td, tf, u0 = mpf("1.5"), mpf("0.013"), mpf("0.2"), mpf("1.5"), mpf("0.3")
    drive = mpf("3.07") * u * x * r + p
    return [(-r + al * log(1 + exp(drive / al))) / tau, (1 - x) / td - u * x * r, (u0 - u) / tf + u0 * (1 - u) * r]


def morris_lecar(gca, phi, v3, v4):
    gca, phi, v3, v4 = mpf(gca), mpf(phi), mpf(v3), mpf(v4)

    def rate(x, p):
        v, n = x
        m = (1 + tanh((v + mpf("1.2")) / 18)) / 2
        ninf = (1 + tanh((v - v3) / v4)) / 2
        current = p - gca * m * (v - 120) - 8 * n * (v + 84) - 2 * (v + 60)
        return [current / 20, phi * cosh((v - v3) / (2 * v4)) * (ninf - n)]

    return rate


def qif(adaptation):
    delta, j, alpha, ta = mpf(2), 15 * sqrt(mpf(2)), mpf(1), mpf(10)

    def rate(x, p):
        r, v, a = x[:3]
        first = [delta / pi + 2 * r * v, v * v + p + j * r - a - (pi * r) ** 2]
        if adaptation == 1:
            return first + [-a / ta + alpha * r]
        return first + [(x[3] - a) / ta, alpha * r - x[3] / ta]

    return rate


def jacobian(f, x, p):
    n = len(x)
    out = matrix(n, n)
    for k in range(n):
        up, down = list(x), list(x)
        up[k] += H
        down[k] -= H
        hi, lo = f(up, p), f(down, p)
        for i in range(n):
            out[i, k] = (hi[i] - lo[i]) / (2 * H)
    return out


def characteristic(a):
    """Coefficients c[1..n] of s^n + c1 s^(n-1) + …, by Faddeev and LeVerrier."""
    n = a.rows
    b, c = eye(n), []
    for k in range(1, n + 1):
        ab = a * b
        c.append(-sum(ab[i, i] for i in range(n)) / k)
        b = ab + c[-1] * eye(n)
    return c


def defining(kind, a):
    c = characteristic(a)
    if kind == "fold":
        return c[-1]
    return {2: lambda: c[0], 3: lambda: c[0] * c[1] - c[2],
            4: lambda: c[0] * c[1] * c[2] - c[2] ** 2 - c[0] ** 2 * c[3]}[len(c)]()


CLASS_2, CLASS_1 = ("4.4", "0.04", "2", "30"), ("4", "0.0667", "12", "17.4")
CASES = [
    ("wilson_cowan", wilson_cowan, "fold", (0.053, 0.0023), 1.087),
    ("wilson_cowan", wilson_cowan, "fold", (0.136, 0.028), 0.909),
    ("wilson_cowan", wilson_cowan, "hopf", (0.249, 0.198), 1.879),
    ("tsodyks_markram", tsodyks_markram, "fold", (1.35, 0.868, 0.564), -1.463),
    ("tsodyks_markram", tsodyks_markram, "fold", (4.11, 0.617, 0.754), -1.865),
    ("tsodyks_markram", tsodyks_markram, "hopf", (3.68, 0.649, 0.736), -1.850),
    ("tsodyks_markram", tsodyks_markram, "hopf", (7.30, 0.450, 0.837), -1.151),
    ("morris_lecar_2", morris_lecar(*CLASS_2), "hopf", (-25.27, 0.1397), 93.86),
    ("morris_lecar_2", morris_lecar(*CLASS_2), "hopf", (7.80, 0.5955), 212.0),
    ("morris_lecar_1", morris_lecar(*CLASS_1), "fold", (-29.4, 0.0085), 39.96),
    ("morris_lecar_1", morris_lecar(*CLASS_1), "fold", (-4.05, 0.1365), -9.95),
    ("morris_lecar_1", morris_lecar(*CLASS_1), "hopf", (8.34, 0.3964), 97.77),
    ("qif_sfa", qif(1), "fold", (0.378, -0.842, 3.78), -3.537),
    ("qif_sfa", qif(1), "fold", (0.468, -0.680, 4.68), -3.549),
    ("qif_sfa", qif(1), "hopf", (1.108, -0.287, 11.08), -0.386),
    ("qif_sfa", qif(1), "hopf", (0.2352, -1.3536, 2.352), -3.923),
    ("qif_sfa_alpha", qif(2), "fold", (0.378, -0.842, 3.78, 3.78), -3.537),
    ("qif_sfa_alpha", qif(2), "fold", (0.468, -0.680, 4.68, 4.68), -3.549),
    ("qif_sfa_alpha", qif(2), "hopf", (1.0945, -0.2908, 10.945, 10.945), -0.534),
    ("qif_sfa_alpha", qif(2), "hopf", (0.2236, -1.4233, 2.236, 2.236), -4.040),
]

print("system,event,parameter,first_variable,omega")
for name, f, kind, x, p in CASES:
    n = len(x)

    def both(*z):
        state, par = list(z[:n]), z[n]
        return f(state, par) + [defining(kind, jacobian(f, state, par))]

    z = findroot(both, [mpf(v) for v in x] + [mpf(p)], tol=mpf(10) ** -40, maxsteps=60)
    values = eig(jacobian(f, list(z[:n]), z[n]), left=False, right=False)
    omega = max((im(v) for v in values if abs(re(v)) < mpf(10) ** -12), default=mpf(0))
    assert kind == "fold" or omega > 0, name
    print(name, kind, nstr(z[n], 20), nstr(z[0], 20), nstr(omega, 20) if kind == "hopf" else "", sep=",")
