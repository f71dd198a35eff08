"""Prints the polynomials of src/simd_float.rs: minimax fits by Remez's algorithm with 60 digits.

    pip install mpmath; python minimax.py
"""
from mpmath import atanh, cos, exp, expm1, log, lu_solve, matrix, mp, mpf, pi, sqrt, tanh

mp.dps = 60


def remez(f, weight, low, high, degree):
    """The polynomial p that minimises the maximum of weight(x) |f(x) - p(x)|, and this maximum.

    The coefficients are in the order of increasing powers.
    """
    points = degree + 2
    xs = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / (points - 1)) for i in range(points)]
    grid = [low + (high - low) * (1 - cos(pi * i / 4000)) / 2 for i in range(4001)]
    for _ in range(12):
        a, b = matrix(points, points), matrix(points, 1)
        for i, x in enumerate(xs):
            for j in range(degree + 1):
                a[i, j] = x**j
            a[i, degree + 1], b[i] = (-1) ** i / weight(x), f(x)
        c = list(lu_solve(a, b))[: degree + 1]
        errors = [weight(x) * (f(x) - sum(c[j] * x**j for j in range(degree + 1))) for x in grid]
        extremes = []
        for i, error in enumerate(errors):
            if not extremes or (error > 0) != (errors[extremes[-1]] > 0):
                extremes.append(i)
            elif abs(error) > abs(errors[extremes[-1]]):
                extremes[-1] = i
        while len(extremes) > points:
            extremes = extremes[1:] if abs(errors[extremes[0]]) < abs(errors[extremes[-1]]) else extremes[:-1]
        if len(extremes) < points:
            break
        xs = [grid[i] for i in extremes]
    return c, max(abs(error) for error in errors)


def coth(u):  # (y coth y - 1) / y^2,  u = y^2. The weight gives the relative error of y coth y.
    y = sqrt(u)
    return (y / tanh(y) - 1) / u


def artanh(u):  # (artanh(z) / z - 1) / z^2,  u = z^2. The weight gives the relative error of artanh(z) / z.
    z = sqrt(u)
    return (atanh(z) / z - 1) / u


def exponential(r):  # (e^r - 1 - r) / r^2. The weight gives the relative error of e^r.
    return (expm1(r) - r) / r**2 if abs(r) > 1e-12 else mpf(1) / 2 + r / 6


tiny, ln2 = mpf("1e-9"), log(2)
fits = {
    "COTH": (coth, lambda u: u / (1 + u * coth(u)), tiny, (3 * ln2 / 8 * mpf("1.0001")) ** 2, {"f32": 1, "f64": 4}),
    "EXPM1": (
        exponential,
        lambda r: (r * r + mpf("1e-30")) / exp(r),
        -ln2 / 2 * mpf("1.0002"),
        ln2 / 2 * mpf("1.0002"),
        {"f32": 4, "f64": 9},
    ),
    "ARTANH": (artanh, lambda u: u / (1 + u * artanh(u)), tiny, mpf(1) / 9, {"f32": 4, "f64": 9}),
}
for name, (f, weight, low, high, degrees) in fits.items():
    for real, degree in degrees.items():
        c, error = remez(f, weight, low, high, degree)
        print(f"{real} {name}: {', '.join(repr(float(x)) for x in c)}   error at most {float(error):.1e}")
high = {"f32": mpf("0.693359375"), "f64": mpf(6.93147180369123816490e-01)}
for real, part in high.items():
    print(f"{real} LN_2: {float(part)!r}, {float(ln2 - part)!r}")
