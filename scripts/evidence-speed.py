"""The work of BenchmarkClusterBootstrap (internal/evidence/bench_test.go) in NumPy, to set
beside it: 100,000 rows of 500 workers in two arms and two windows, averaged within worker
and window, and 10,000 studentised cluster-bootstrap draws of the difference of the arms'
changes, with BCa from the same draws. The draws are made in blocks, which is as fast as all
at once and keeps memory low. Prints seconds of each of five rounds and the peak memory.

Beside the mean, ours also makes the median's draws (2,000 of them), the trimmed mean and
the rank test; give --all to do those here too, as SciPy does them.
"""

import resource
import sys
import time

import numpy as np
from scipy import stats
from scipy.special import ndtr, ndtri

ROWS, WORKERS, DRAWS, BLOCK = 100_000, 500, 10_000, 500


def rows():
    r = np.random.default_rng(1)
    i = np.arange(ROWS)
    worker, period = i % WORKERS, i // WORKERS % 2
    value = 30 * np.exp(0.35 * r.normal(size=WORKERS))[worker] * np.exp(0.6 * r.normal(size=ROWS))
    return worker, worker % 2, period, np.where((worker % 2 == 1) & (period == 1), 0.8, 1.0) * value


def spread(r, x, draws):
    """Means of draws of x and their squared standard errors."""
    v = x[r.integers(0, len(x), (draws, len(x)), dtype=np.int32)]
    return v.mean(axis=1), v.var(axis=1, ddof=1) / len(x)


def analyse(worker, period, value):
    cell = worker * 2 + period
    mean = np.bincount(cell, value, 2 * WORKERS) / np.bincount(cell, minlength=2 * WORKERS)
    change = mean[1::2] - mean[0::2]
    x, y = change[1::2], change[0::2]
    effect, se = x.mean() - y.mean(), np.sqrt(x.var(ddof=1) / len(x) + y.var(ddof=1) / len(y))
    r = np.random.default_rng(2)
    theta, t = np.empty(DRAWS), np.empty(DRAWS)
    for k in range(0, DRAWS, BLOCK):
        (mx, vx), (my, vy) = spread(r, x, BLOCK), spread(r, y, BLOCK)
        theta[k : k + BLOCK] = mx - my
        t[k : k + BLOCK] = (mx - my - effect) / np.sqrt(vx + vy)
    low, high = effect - se * np.quantile(t, [0.975, 0.025], method="weibull")
    bca = adjusted(x, y, effect, theta)
    if "--all" in sys.argv:
        beside(r, x, y)
    return effect, low, high, bca


def adjusted(x, y, effect, theta):
    lx, ly = (x - x.mean()) / len(x), -(y - y.mean()) / len(y)
    a = (np.sum(lx**3) + np.sum(ly**3)) / (6 * (np.sum(lx**2) + np.sum(ly**2)) ** 1.5)
    z0 = ndtri(np.mean(theta < effect))
    z = z0 + ndtri([0.025, 0.975])
    return np.quantile(theta, ndtr(z0 + z / (1 - a * z)), method="weibull")


def beside(r, x, y):
    at = [0.1, 0.25, 0.5, 0.75, 0.9]
    q = []
    for _ in range(0, 2000, BLOCK):
        a, b = (v[r.integers(0, len(v), (BLOCK, len(v)), dtype=np.int32)] for v in (x, y))
        q.append(np.quantile(a, at, axis=1) - np.quantile(b, at, axis=1))
    np.quantile(np.concatenate(q, axis=1), [0.025, 0.975], axis=1)
    stats.ttest_ind(x, y, equal_var=False, trim=0.2)
    stats.mannwhitneyu(x, y)
    np.median(np.subtract.outer(x, y))


worker, arm, period, value = rows()
seconds = []
for _ in range(5):
    start = time.perf_counter()
    found = analyse(worker, period, value)
    seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"NumPy {np.__version__}: effect {found[0]:.3f}, {found[1]:.3f} to {found[2]:.3f}")
print("seconds", " ".join(f"{s:.3f}" for s in seconds), f"least {min(seconds):.3f}, peak {peak:.0f} MiB")
