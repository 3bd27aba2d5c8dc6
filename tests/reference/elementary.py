"""Brackets of elementary functions: python elementary.py writes elementary.csv (mpmath 1.3.0, a few minutes).

A line is: function, x, y (or nothing), below, where numbers are the hexadecimal bits of an f64 and `below` is the largest
f64 that is not above the true value, followed by `=` if it is the true value. Each value is computed twice, with 60 and
with 140 bits more than needed, and both must give the same bracket.
"""
import random, struct
from mpmath import mp, mpf, exp, log, sqrt, tanh, erf, erfc, sin, cos, atan, log1p, pi, inf, ncdf, power, euler, hyp1f1, hyp2f2, quad

random.seed(20)


def bits(x):
    return format(struct.unpack("<Q", struct.pack("<d", x))[0], "016x")


def near(x, ulps):
    return struct.unpack("<d", struct.pack("<q", struct.unpack("<q", struct.pack("<d", x))[0] + ulps))[0]


def below(v):
    """Largest f64 <= v."""
    x = float(v)
    if x == float("inf"):
        return 1.7976931348623157e308
    if mpf(x) > v:
        x = -near(-x, 1) if x < 0 else (near(x, -1) if x > 0 else -5e-324)
    assert mpf(x) <= v
    return x


def erfcx(x):
    if x > 30:
        s = t = mpf(1)
        for k in range(1, 400):
            t *= -(2 * k - 1) / (2 * x * x)
            if abs(t) < mpf(2) ** -(mp.prec + 10):
                break
            s += t
        return s / (x * sqrt(pi))
    return exp(x * x) * erfc(x)


def history(x):
    """Integral of erfcx from 0 to x >= 0."""
    if x > 14:
        s, t = log(2 * x) + euler / 2, mpf(1)
        for k in range(1, 400):
            t *= -(2 * k - 1) / (2 * x * x)
            if abs(t) < mpf(2) ** -(mp.prec + 5):
                return s / sqrt(pi)
            s -= t / (2 * k)
    keep = mp.prec
    mp.prec += int(1.5 * x * x) + 20
    r = x * hyp1f1(0.5, 1.5, x * x) - x * x / sqrt(pi) * hyp2f2(1, 1, 1.5, 2, x * x)
    mp.prec = keep
    return +r


def integral(a, b):
    if a > b:
        return -integral(b, a)
    keep = mp.prec
    mp.prec += 90
    left = lambda v: history(-v) if v < 0 else -(2 * v * hyp1f1(0.5, 1.5, v * v) - history(v))
    r = left(a) - left(b)
    mp.prec = keep
    return +r


def either(scale):
    return random.choice([-1, 1]) * scale


def spread(low, high):
    return either(10 ** random.uniform(low, high))


wide = lambda: random.choice([spread(-3, 0), spread(-1, 1.3), spread(-20, 2), spread(-308, 3)])
positive = lambda: abs(random.choice([spread(-3, 3), spread(-308, 308), 1 + spread(-16, -1), near(1.0, random.randint(-5, 5))]))
FUNCTIONS = {
    "exp": (lambda x: exp(x), lambda: random.choice([spread(-17, 0), random.uniform(-745, 709.7), random.uniform(-2, 2)])),
    "ln": (lambda x: log(x), positive),
    "sqrt": (lambda x: sqrt(x), positive),
    "tanh": (lambda x: tanh(x), lambda: random.choice([spread(-17, 0), random.uniform(-22, 22), random.uniform(-1, 1)])),
    "erf": (lambda x: erf(x), lambda: random.choice([spread(-17, 0), random.uniform(-6.5, 6.5), random.uniform(-1.3, 1.3)])),
    "erfcx": (erfcx, lambda: random.choice([spread(-17, 0), random.uniform(-26.6, 10), random.uniform(-1, 4), 10 ** random.uniform(0, 300)])),
    "sin": (lambda x: sin(x), lambda: random.choice([spread(-17, 0), random.uniform(-10, 10), spread(0, 8.9), float(round(random.uniform(-1e6, 1e6)) * pi)])),
    "cos": (lambda x: cos(x), lambda: random.choice([spread(-9, 0), random.uniform(-10, 10), spread(0, 8.9), float((round(random.uniform(-1e6, 1e6)) + 0.5) * pi)])),
    "atan": (lambda x: atan(x), wide),
    "sigmoid": (lambda x: 1 / (1 + exp(-x)), lambda: random.choice([spread(-17, 0), random.uniform(-700, 40), random.uniform(-5, 5)])),
    "softplus": (lambda x: log1p(exp(x)), lambda: random.choice([spread(-17, 0), random.uniform(-700, 40), random.uniform(-5, 5)])),
    "normal_cdf": (lambda x: erfc(-x / sqrt(mpf(2))) / 2, lambda: random.choice([spread(-17, 0), random.uniform(-37, 8), random.uniform(-2, 2)])),
    "powf": (lambda x, y: power(x, y), lambda: (abs(spread(-3, 3)), random.uniform(-20, 20))),
    "pow_ln": (lambda x, y: power(x, y) * log(x), lambda: (abs(random.choice([spread(-3, 3), spread(-30, 0)])), random.uniform(-5, 8))),
    "hill": (lambda x, y: 1 / (1 + power(x, -y)), lambda: (abs(spread(-3, 3)), random.uniform(0.1, 12))),
    "integral": (integral, lambda: random.choice([(random.uniform(-10, 3), random.uniform(-10, 26)), (-(10 ** random.uniform(1, 8)), random.uniform(-20, 5)),
        (lambda a: (a, a + 10 ** random.uniform(-9, 0)))(random.uniform(-20, 25)), (lambda a: (-a, -a * (1 - 10 ** random.uniform(-6, 0))))(10 ** random.uniform(0, 12))])),
    "add": (lambda x, y: x + y, lambda: (spread(-3, 3), random.choice([spread(-20, 3), spread(-3, 3)]))),
    "mul": (lambda x, y: x * y, lambda: (spread(-150, 150), spread(-160, 150))),
    "div": (lambda x, y: x / y, lambda: (spread(-150, 150), spread(-150, 150))),
}
COUNT, TRIES = 300, 20
with open("elementary.csv", "w") as out:
    for name, (f, draw) in FUNCTIONS.items():
        kept = set()
        while len(kept) < COUNT:
            # Of a few draws the one whose value lies nearest to an f64, where wrong rounding shows.
            best = None
            for _ in range(TRIES if name != "integral" else 1):
                args = draw()
                args = args if isinstance(args, tuple) else (args,)
                brackets = []
                for extra in (60, 140):
                    mp.prec = 53 + extra + 1200 * (name in ("add", "sigmoid", "softplus", "tanh"))
                    v = f(*[mpf(a) for a in args])
                    if not abs(v) < mpf(2) ** 1024:
                        break
                    lo = below(v)
                    brackets.append((lo, v == mpf(lo)))
                if len(brackets) < 2 or brackets[0] != brackets[1]:
                    continue
                gap = abs((v - mpf(lo)) / (mpf(near(abs(lo), 1)) - abs(mpf(lo))))
                score = min(gap, abs(1 - gap))
                if best is None or score < best[0]:
                    best = (score, args, brackets[0])
            if best:
                _, args, (lo, exact) = best
                kept.add((args, lo, exact))
        for args, lo, exact in sorted(kept):
            x, y = args[0], args[1] if len(args) > 1 else None
            print(name, bits(x), bits(y) if y is not None else "", bits(lo) + ("=" if exact else ""), sep=",", file=out)
