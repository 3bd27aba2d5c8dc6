"""Reference values of the Siegert formula: python siegert.py > siegert.csv (mpmath 1.3.0, about a minute)."""
from mpmath import mp, mpf, erfc, exp, log, quad, sqrt, pi, linspace, nstr

mp.dps = 40
MU = [-100, -50, -20, -10, 0, 5, 10, 12, 15, 18, 19, 20, 21, 25, 30, 40, 50, 100, 200, 300, 500, 1000]
SIGMA = [0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 7, 10, 12, 15, 20]


def scaled(u, b):
    """erfcx(-u) e^(-b^2), for b the larger end or zero."""
    if u < -15:
        total, term, k = mpf(1), mpf(1), 0
        while abs(term) > mpf(10) ** -42 and k < 200:
            k += 1
            term *= -(2 * k - 1) / (2 * u * u)
            total += term
        return total / (-u * sqrt(pi)) * exp(-b * b)
    return exp(u * u - b * b) * erfc(-u)


def log_integral(a, b):
    top = max(b, mpf(0))
    cuts = {a, b}
    width = mpf(1) / (1 + top)
    for k in range(1, 60):
        cuts |= {b - width * k} if a < b - width * k else set()
    x = mpf(1)
    while x < 1e6:
        cuts |= {c for c in (-x, x, mpf(0)) if a < c < b and c < b - 60 * width}
        x *= 1.5
    return top * top + log(quad(lambda u: scaled(u, top), sorted(cuts)))


print("mu_mV,sigma_mV,log_rate,rate_Hz,slope_Hz_per_mV")
for mu in MU:
    for sigma in SIGMA:
        s, tau_m, tau_ref, theta, reset = mpf(sigma), mpf(0.02), mpf(0.002), mpf(20), mpf(10)
        y, yr = (theta - mu) / s, (reset - mu) / s
        big = log_integral(yr, y) + log(tau_m * sqrt(pi))
        log_rate = -log(tau_ref + exp(big))
        rate = exp(log_rate)
        difference = exp(y * y) * erfc(-y) - exp(yr * yr) * erfc(-yr) if y > -60 else None
        if difference is None:
            big_e = lambda u: scaled(u, mpf(0))
            difference = big_e(y) - big_e(yr)
        slope = rate * rate * tau_m * sqrt(pi) / s * difference
        print(f"{mu},{sigma!r},{nstr(log_rate, 25)},{nstr(rate, 25)},{nstr(slope, 25)}")
