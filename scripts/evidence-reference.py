"""The part of scripts/evidence-reference that is not R's: statsmodels' data sets, those
made up to be hard, what is to be compared with what, and the figures of SciPy,
statsmodels, exact rational arithmetic and NumPy code written for this from the papers.

    plan DIR        reads DIR/public.tsv, writes DIR/plan.json and DIR/tasks.tsv for R
    merge DIR OUT   adds R's figures, writes OUT/data.json and OUT/figures.json

Committed figures: Python 3.11.7, numpy 2.4, scipy 1.17, statsmodels 0.15.
"""

import json
import math
import sys
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

warnings.simplefilter("ignore")
SETS, CASES, TASKS = {}, [], []


def ref(name):
    kind, column = name.split(".")
    return SETS[kind]["columns"][column]


def vec(name):
    return np.array(ref(name), float)


def case(method, by, want=None, r=None, args=None, **refs):
    """One comparison. want is known here, or r names the function of R that gives it."""
    args = args or {}
    entry = {"method": method, "by": by, **refs}
    if args:
        entry["args"] = args
    if want is not None:
        entry["want"] = {k: float(v) for k, v in want.items()}
    else:
        fields = [str(len(CASES)), r]
        for key, value in refs.items():
            if key == "design":
                n = len(vec(refs["y"]))
                for i, name in enumerate(value):
                    column = np.ones(n) if name == "1" else vec(name)
                    fields.append(f"x{i}=" + " ".join(v.hex() for v in column.tolist()))
            elif isinstance(value, str):
                fields.append(f"{key}=" + " ".join(v.hex() for v in vec(value).tolist()))
            else:
                fields.append(f"{key}=" + " ".join(float(v).hex() for v in value))
        fields += [f"{k}={float(v).hex()}" for k, v in args.items()]
        TASKS.append("\t".join(fields))
    CASES.append(entry)


# ---- data sets ------------------------------------------------------------------------


def read_public(path):
    name = None
    for line in open(path, encoding="utf-8"):
        kind, key, rest = line.rstrip("\n").split("\t")
        if kind == "set":
            name = key
            SETS[name] = {"source": rest, "columns": {}}
        else:
            SETS[name]["columns"][key] = [float.fromhex(v) for v in rest.split()]


def put(name, source, columns):
    clean = {}
    for k, v in columns.items():
        v = np.asarray(v, float)
        assert np.isfinite(v).all() and len(v), (name, k)
        clean[k] = v.tolist()
    SETS[name] = {"source": source, "columns": clean}


def statsmodels_sets():
    def load(name):
        return getattr(sm.datasets, name).load_pandas().data

    s = "statsmodels.datasets: "
    d = load("grunfeld")
    firm = pd.factorize(d.firm)[0]
    step = (d.year - d.year.min()).to_numpy()
    put("grunfeld", s + "grunfeld. Grunfeld (1958); Kleiber & Zeileis (2010), German Economic Review 11(4): 404-417. "
        "with is made up: firm k has it from step 6 + k mod 5 * 3 on, every fifth firm never",
        {"invest": d.invest, "value": d.value, "capital": d.capital, "firm": firm, "step": step,
         "with": (firm % 5 != 4) & (step >= 6 + firm % 5 * 3)})
    d = load("macrodata")
    put("macrodata", s + "macrodata. Federal Reserve Bank of St. Louis; US Bureau of Labor Statistics",
        {"consumption": np.diff(np.log(d.realcons)), "income": np.diff(np.log(d.realdpi)), "unemployment": d.unemp[1:]})
    d = load("spector")
    put("spector", s + "spector. Spector & Mazzeo (1980), Journal of Economic Education 11(2): 37-44",
        {"gpa": d.GPA, "tuce": d.TUCE, "psi": d.PSI, "grade": d.GRADE,
         "improved": [sum((d.PSI == 1) & (d.GRADE == 1)), sum((d.PSI == 1) & (d.GRADE == 0)),
                      sum((d.PSI == 0) & (d.GRADE == 1)), sum((d.PSI == 0) & (d.GRADE == 0))]})
    d = load("star98")
    put("star98", s + "star98. Gill (2001), Generalized Linear Models: A Unified Approach",
        {"above": d.NABOVE, "low_income": d.LOWINC, "ratio": d.PTRATIO, "salary": d.AVSALK, "minority": d.PERMINTE})
    d = load("fair")
    had = d.affairs > 0
    put("fair", s + "fair. Fair (1978), Journal of Political Economy 86(1): 45-61",
        {"rating1v5": [sum(had & (d.rate_marriage == 1)), sum(~had & (d.rate_marriage == 1)),
                       sum(had & (d.rate_marriage == 5)), sum(~had & (d.rate_marriage == 5))],
         "children": [sum(had & (d.children > 0)), sum(~had & (d.children > 0)),
                      sum(had & (d.children == 0)), sum(~had & (d.children == 0))]})
    d = load("strikes")
    put("strikes", s + "strikes. Kennan (1985), Journal of Econometrics 28(1): 5-28",
        {"high": d.duration[d.iprod > 0], "low": d.duration[d.iprod <= 0]})
    d = load("statecrime")
    put("statecrime", s + "statecrime. American Statistical Abstracts 2009",
        {"murder": d.murder, "urban": d.urban, "poverty": d.poverty, "hs_grad": d.hs_grad, "single": d.single})
    d = load("engel")
    put("engel", s + "engel. Koenker & Bassett (1982), Econometrica 50(1): 43-61", {"income": d.income, "food": d.foodexp})
    d = load("heart")
    put("heart", s + "heart. Miller (1976), Biometrika 63(3): 449-464",
        {"young": d.survival[d.age < 50], "old": d.survival[d.age >= 50]})


def rounded(values, digits=2):
    return np.round(np.asarray(values, float), digits)


def hard_sets():
    r = np.random.default_rng(20261122)
    m = "made up by scripts/evidence-reference.py: "
    put("tied", m + "small whole numbers, almost all tied",
        {"x": r.integers(0, 4, 23), "y": r.integers(0, 3, 17), "many_x": r.integers(0, 9, 40), "many_y": r.integers(1, 10, 31)})
    # Ties at one end alone, so that the distribution of U is not symmetric.
    put("lopsided", m + "ties at the lower end alone, arms of unequal size",
        {"x": [0, 0, 0, 1, 5], "y": [0, 0, 0, 0, 0, 0, 2, 3, 4, 6, 7, 8], "few": [1, 1, 2], "more": [1, 1, 1, 1, 3, 4, 5, 6, 7]})
    put("tiny", m + "two or three values a side", {"a": [1.25, 1.5], "b": [0.1, 7.75], "c": [3.5, 3.625, 4.875], "d": [-2.5, 11.0, 0.375]})
    put("unbalanced", m + "3 against 200", {"few": rounded(r.normal(3, 1, 3), 3), "many": rounded(r.normal(2, 8, 200), 3)})
    put("skewed", m + "lognormal with a sigma of 2 and 1.5",
        {"x": rounded(np.exp(2 * r.normal(size=24)), 4) + 1e-4, "y": rounded(np.exp(1 + 1.5 * r.normal(size=31)), 4) + 1e-4})
    base = {k: np.round(r.normal(mean, sd, n) * 1024) / 1024 for k, mean, sd, n in (("x", 3, 2, 15), ("y", 1, 3, 22), ("z", 2, 2, 15))}
    put("near", m + "the sets far* without what was added to every value", base)
    for name, far in (("far9", 1e9), ("far11", 2.0**36)):
        put(name, m + f"the set near with {far:.0f} added to every value, without rounding",
            {k: v + far for k, v in base.items()})
        for k, v in base.items():
            assert ((v + far) - far == v).all()
    put("minute", m + "values of 1e-9", {"x": r.normal(5, 1, 12) * 1e-9, "y": r.normal(4, 2, 14) * 1e-9})
    put("huge", m + "values of 1e12", {"x": rounded(r.normal(5, 1, 12) * 1e12), "y": rounded(r.normal(4, 2, 14) * 1e12)})
    put("apart", m + "60 values all above 60 others: a p-value of 1e-21", {"high": rounded(r.normal(40, 2, 60), 5), "low": rounded(r.normal(0, 2, 60), 5)})
    put("limit", m + "49 a side without ties, the largest exact case", {"x": rounded(r.normal(1, 3, 49), 7), "y": rounded(r.normal(0, 2, 49), 7)})
    t = r.normal(size=40)
    put("collinear", m + "a regressor that is another plus 1e-5 of noise",
        {"t": t, "u": t + 1e-5 * r.normal(size=40), "y": 1 + 2 * t + r.normal(size=40) * 0.1, "cluster": np.arange(40) // 5})
    put("tables", m + "two by two tables",
        {"zero": [0, 12, 7, 9], "all": [10, 0, 10, 0], "one_side": [10, 0, 0, 20], "rare": [3, 9997, 11, 9989],
         "large": [51234, 48766, 50321, 49679], "tea": [3, 1, 1, 3], "lopsided": [2, 1, 190, 4007]})
    put("p_values", m + "p-values, some equal", {"p": np.concatenate([r.uniform(size=30) ** 4, [0.01, 0.01, 0.5, 1.0, 1e-12]])})
    rows_sets(r, m)


def rows_sets(r, m):
    """Rows of workers: minutes of tasks, two windows, two arms, and what goes wrong."""
    rows = []
    for w in range(36):
        level, change = 30 * math.exp(0.35 * r.normal()), math.exp(0.15 * r.normal())
        for period in (0, 1):
            if w in (4, 17) and period == 0 or w == 9 and period == 1:
                continue
            for _ in range(int(r.integers(3, 12))):
                mean = level * (change * (0.8 if w % 2 else 1.0) if period else 1)
                rows.append((w, w // 4, w % 2, period, 100 * period + int(r.integers(0, 28)), w // 2,
                             round(mean * math.exp(0.5 * r.normal()), 2), int(r.integers(1, 6)), int(r.uniform() < 0.02)))
    names = ["worker", "team", "arm", "period", "day", "pair", "value", "volume", "missing"]
    put("rows_windows", m + "36 workers in 9 teams and 18 pairs, minutes of tasks in two windows; a worker's arm is whether their number is odd",
        dict(zip(names, map(list, zip(*rows)))))
    rows = []
    for w in range(24):
        level = 40 + 6 * r.normal()
        for step in range(14):
            for _ in range(int(r.integers(0, 4))):
                arm = int(step >= 3 + 2 * (w % 5))
                rows.append((w, w // 3, arm, 20000 + 7 * step + int(r.integers(0, 7)), round(level + 0.4 * step - 5 * arm + 3 * r.normal(), 2)))
    put("rows_stepped", m + "24 workers who get the deployment in five steps, 14 weeks",
        dict(zip(["worker", "team", "arm", "day", "value"], map(list, zip(*rows)))))
    rows = []
    for w in range(15):
        level = 50 + 5 * r.normal()
        for step in range(-16, 14):
            for _ in range(int(r.integers(1, 3))):
                rows.append((w, int(step >= 0), 7 * step + int(r.integers(0, 7)), round(level + 0.2 * step - (4 + 0.3 * step) * (step >= 0) + 2 * r.normal(), 2)))
    put("rows_series", m + "15 workers over 30 weeks, the deployment from day 0 on",
        dict(zip(["worker", "period", "day", "value"], map(list, zip(*rows)))))
    rows = []
    for i in range(240):
        arm, group = i % 2, int(r.integers(0, 3))
        rows.append((i, arm, group, int(r.uniform() < 0.35 + 0.15 * arm - 0.08 * group)))
    put("rows_survey", m + "240 respondents of three groups answering yes (1) or no", dict(zip(["worker", "arm", "group", "value"], map(list, zip(*rows)))))
    rows = []
    for w in range(20):
        level = 25 * math.exp(0.3 * r.normal())
        for _ in range(int(r.integers(6, 16))):
            arm = int(r.integers(0, 2))
            rows.append((w, arm, round(level * (0.85 if arm else 1) * math.exp(0.4 * r.normal()), 2)))
    put("rows_tasks", m + "20 workers, tasks drawn into arms", dict(zip(["worker", "arm", "value"], map(list, zip(*rows)))))


# ---- figures that are worked out here -------------------------------------------------


def student(effect, se, df, conf=0.95):
    half = stats.t.ppf(1 - (1 - conf) / 2, df) * se
    return dict(effect=effect, low=effect - half, high=effect + half, se=se, df=df, p=2 * stats.t.sf(abs(effect / se), df))


def welch(x, y, conf=0.95):
    t = stats.ttest_ind(x, y, equal_var=False)
    ci = t.confidence_interval(conf)
    effect = np.mean(x) - np.mean(y)
    return dict(effect=effect, low=ci.low, high=ci.high, se=effect / t.statistic, df=t.df, p=t.pvalue)


def student_of(x, conf=0.95):
    return student(np.mean(x), stats.sem(x), len(x) - 1, conf)


def tied_exact(x, y):
    """U and its exact two-sided p-value: every split of the pooled mid-ranks counted."""
    pooled = sorted([*x, *y])
    rank = {v: round(stats.rankdata(pooled)[pooled.index(v)] * 2) for v in pooled}
    ranks, m = [rank[v] for v in pooled], len(x)
    ways = [{} for _ in range(m + 1)]
    ways[0][0] = 1
    for value in ranks:
        for k in range(m, 0, -1):
            for total, n in ways[k - 1].items():
                ways[k][total + value] = ways[k].get(total + value, 0) + n
    seen = sum(rank[v] for v in x)
    every = math.comb(len(ranks), m)
    low = Fraction(sum(n for t, n in ways[m].items() if t <= seen), every)
    high = Fraction(sum(n for t, n in ways[m].items() if t >= seen), every)
    return dict(u=seen / 2 - m * (m + 1) / 2, p=float(min(1, 2 * min(low, high))))


def shift_by_normal(x, y, conf=0.95):
    """Differences all laid out, the ranks of the bounds by the normal approximation."""
    d = np.sort(np.subtract.outer(x, y).ravel())
    m, n = len(x), len(y)
    _, t = np.unique(np.concatenate([x, y]), return_counts=True)
    t = t.astype(float)
    variance = m * n / 12 * (m + n + 1 - (t**3 - t).sum() / ((m + n) * (m + n - 1)))
    k = max(1, math.floor(m * n / 2 - stats.norm.ppf(1 - (1 - conf) / 2) * math.sqrt(variance) + 0.5))
    return dict(effect=np.median(d), low=d[k - 1], high=d[m * n - k])


def exact_ols(columns, y):
    """Coefficients in rational arithmetic from the doubles as they are."""
    k, y = len(columns), [Fraction(v) for v in y]
    X = [[Fraction(v) for v in column] for column in columns]
    a = [[sum(p * q for p, q in zip(X[i], X[j])) for j in range(k)] + [sum(p * q for p, q in zip(X[i], y))] for i in range(k)]
    for i in range(k):
        pivot = next(j for j in range(i, k) if a[j][i])
        a[i], a[pivot] = a[pivot], a[i]
        a[i] = [v / a[i][i] for v in a[i]]
        for j in range(k):
            if j != i:
                a[j] = [p - a[j][i] * q for p, q in zip(a[j], a[i])]
    return [float(a[i][k]) for i in range(k)]


def exact_sandwich(columns, y, c, lags=0, cluster=None):
    """The same of the sandwich standard errors, up to their square root."""
    n, k = len(y), len(columns)
    X, y, c = [[Fraction(v) for v in column] for column in columns], [Fraction(v) for v in y], [Fraction(v) for v in c]

    def solve(right):
        a = [[sum(p * q for p, q in zip(X[i], X[j])) for j in range(k)] + [right[i]] for i in range(k)]
        for i in range(k):
            a[i] = [v / a[i][i] for v in a[i]]
            for j in range(k):
                if j != i:
                    a[j] = [p - a[j][i] * q for p, q in zip(a[j], a[i])]
        return [a[i][k] for i in range(k)]

    beta, direction = solve([sum(p * q for p, q in zip(column, y)) for column in X]), solve(c)
    rows = list(zip(*X))
    e = [v - sum(b * x for b, x in zip(beta, row)) for v, row in zip(y, rows)]
    pull = [sum(b * x for b, x in zip(direction, row)) for row in rows]
    root = lambda v: math.sqrt(v.numerator * 2**200 // v.denominator) / 2**100
    h = [sum(b * x for b, x in zip(solve(list(row)), row)) for row in rows]
    s = [p * v for p, v in zip(pull, e)]
    out = {"classical": root(sum(v * v for v in e) / (n - k) * sum(a * b for a, b in zip(direction, c))),
           "hc3": root(sum((v / (1 - q)) ** 2 for v, q in zip(s, h)))}
    total = sum(v * v for v in s)
    for j in range(1, lags + 1):
        total += 2 * (1 - Fraction(j, lags + 1)) * sum(p * q for p, q in zip(s[j:], s))
    out["newey-west"], out["newey-west, small"] = root(total), root(total * n / (n - k))
    if cluster is not None:
        groups = sorted(set(cluster))
        g = len(groups)
        out["cr1"] = root(Fraction(g, g - 1) * Fraction(n - 1, n - k) * sum(sum(v for v, at in zip(s, cluster) if at == name) ** 2 for name in groups))
    return out


def along(fit, c):
    c = np.asarray(c, float)
    return math.sqrt(c @ fit.cov_params() @ c)


def two_way(unit, step, treated, value):
    """Dummies for all units and steps; the jackknife fits anew without each unit."""
    unit, step = np.asarray(unit), np.asarray(step)

    def effect(keep):
        X = pd.concat([pd.get_dummies(unit[keep], dtype=float),
                       pd.get_dummies(step[keep], dtype=float).iloc[:, 1:]], axis=1).to_numpy()
        X = np.column_stack([X, np.asarray(treated, float)[keep]])
        return sm.OLS(np.asarray(value, float)[keep], X).fit().params[-1]

    whole = effect(np.ones(len(unit), bool))
    units = np.unique(unit)
    parts = np.array([effect(unit != u) for u in units])
    g = len(units)
    return student(whole, math.sqrt((g - 1) / g * ((parts - whole) ** 2).sum()), g - 1)


# ---- what is compared -----------------------------------------------------------------

PAIRS = """sleep.drug1 sleep.drug2|toothgrowth.OJ toothgrowth.VC|plantgrowth.ctrl plantgrowth.trt1|plantgrowth.trt2 plantgrowth.trt1
insectsprays.A insectsprays.B|insectsprays.C insectsprays.F|chickwts.casein chickwts.horsebean|chickwts.soybean chickwts.linseed
warpbreaks.A warpbreaks.B|warpbreaks.L warpbreaks.H|airquality.Aug airquality.May|mtcars.manual mtcars.automatic
iris.setosa iris.versicolor|iris.virginica iris.versicolor|morley.expt1 morley.expt5|co2.Quebec co2.Mississippi|lynx.early lynx.late
nile.late nile.early|seatbelts.after seatbelts.before|strikes.high strikes.low|heart.young heart.old|discoveries.n rivers.miles
tied.x tied.y|tied.many_x tied.many_y|lopsided.x lopsided.y|tiny.a tiny.b|tiny.c tiny.d|unbalanced.few unbalanced.many
skewed.x skewed.y|near.x near.y|minute.x minute.y|huge.x huge.y|apart.high apart.low|apart.low apart.high|limit.x limit.y
lopsided.few lopsided.more|lopsided.y lopsided.x""".replace("\n", "|").split("|")
TIES_OF_TWO = {"tiny", "near", "minute", "huge", "apart", "limit", "skewed", "unbalanced"}


def samples():
    for pair in PAIRS:
        x, y = pair.split()
        a, b = vec(x), vec(y)
        for conf in (0.95, 0.9) if len(a) < 40 else (0.95,):
            arg = {"conf": conf}
            case("welch", "R t.test", r="welch", args=arg, x=x, y=y)
        case("welch", "scipy ttest_ind", want=welch(a, b), args={"conf": 0.95}, x=x, y=y)
        arg = {"conf": 0.95}
        case("hedges g", "R", r="hedges_g", x=x, y=y)
        if min(a.min(), b.min()) > 0:
            case("log ratio", "R t.test of logs", r="log_ratio", args=arg, x=x, y=y)
        if min(len(a), len(b)) > 4 and pair != "lopsided.x lopsided.y" and pair != "lopsided.y lopsided.x":
            case("yuen", "R, from the paper", r="yuen", args={"conf": 0.95, "share": 0.2}, x=x, y=y)
            t = stats.ttest_ind(a, b, equal_var=False, trim=0.2)
            case("yuen", "scipy ttest_ind(trim)", want={"p": t.pvalue, "df": t.df}, args={"conf": 0.95, "share": 0.2}, x=x, y=y)
        ties = len(set([*a, *b])) < len(a) + len(b)
        u = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True)
        if not ties and max(len(a), len(b)) < 50:
            case("mann-whitney exact", "R wilcox.test", r="mann_whitney_exact", x=x, y=y)
            if len(a) * len(b) < 900:
                t = stats.mannwhitneyu(a, b, method="exact")
                case("mann-whitney exact", "scipy mannwhitneyu", want={"u": t.statistic, "p": t.pvalue}, x=x, y=y)
            case("hodges-lehmann shift, exact", "R wilcox.test", r="shift_exact", args=arg, x=x, y=y)
        elif ties and max(len(a), len(b)) <= 25:
            case("mann-whitney exact, ties", "permutations counted", want=tied_exact(a, b), x=x, y=y)
        else:
            case("mann-whitney normal", "R wilcox.test", r="mann_whitney_normal", x=x, y=y)
            case("mann-whitney normal", "scipy mannwhitneyu", want={"u": u.statistic, "p": u.pvalue}, x=x, y=y)
        if ties or max(len(a), len(b)) >= 50:
            case("hodges-lehmann shift, normal", "NumPy, differences laid out", want=shift_by_normal(a, b), args=arg, x=x, y=y)
        case("hodges-lehmann shift, estimate", "R median(outer)", r="shift_estimate", x=x, y=y)
    # What was added to both sides falls out: the figures are those of the set without it.
    for far in ("far9", "far11"):
        CASES.append({"method": "welch, offset", "by": "R t.test without it", "x": far + ".x", "y": far + ".y", "args": {"conf": 0.95},
                      "same_as": ["welch", "near.x", "near.y"]})
        CASES.append({"method": "paired t, offset", "by": "R t.test without it", "x": far + ".x", "y": far + ".z", "args": {"conf": 0.95},
                      "same_as": ["paired t", "near.x", "near.z"]})
    pairs = [("sleep.drug1", "sleep.drug2"), ("near.x", "near.z"), ("attitude.complaints", "attitude.learning"), ("limit.x", "limit.y"), ("seatbelts.front", "seatbelts.rear"), ("tiny.c", "tiny.d")]
    for x, y in pairs:
        case("paired t", "R t.test", r="paired", args={"conf": 0.95}, x=x, y=y)
        case("paired t", "scipy", want=student_of(vec(x) - vec(y)), args={"conf": 0.95}, x=x, y=y)
    ones = ["sleep.drug1", "precip.inches", "rivers.miles", "faithful.eruptions", "discoveries.n", "women.height", "lakehuron.level",
            "quakes.depth", "trees.Volume", "attitude.rating", "skewed.x", "tiny.c", "usarrests.Murder", "statecrime.murder", "near.y", "limit.x"]
    for x in ones:
        v = vec(x)
        case("one-sample t", "R t.test", r="student", args={"conf": 0.95}, x=x)
        case("one-sample t", "scipy", want=student_of(v), args={"conf": 0.95}, x=x)
        if len(v) > 4:
            case("yuen, one sample", "R, from the paper", r="yuen_one", args={"conf": 0.95, "share": 0.2}, x=x)
        case("trimmed mean", "R mean(trim)", r="trimmed_mean", args={"share": 0.2}, x=x)
        for at in (0.1, 0.25, 0.5, 0.75, 0.9):
            case("quantile", "R quantile type 7", r="quantile", args={"at": at}, x=x)
        size = np.abs(v)
        if len(set(size)) == len(v) and size.min() > 0 and len(v) < 50:
            case("signed rank, exact", "R wilcox.test", r="signed_rank_exact", args={"conf": 0.95}, x=x)
        else:
            case("signed rank, normal", "R wilcox.test", r="signed_rank_normal", args={"conf": 0.95}, x=x)
    case("benjamini-hochberg", "R p.adjust", r="bh", x="p_values.p")
    case("benjamini-hochberg", "scipy false_discovery_control", x="p_values.p",
         want={f"q{i + 1}": v for i, v in enumerate(stats.false_discovery_control(vec("p_values.p")))})


def tables():
    names = [f"{s}.{c}" for s in ("ucbadmissions", "esoph", "haireyecolor", "titanic", "fair", "tables") for c in SETS[s]["columns"]]
    names += ["infert.induced", "infert.spontaneous", "spector.improved"]
    for name in names:
        a, b, c, d = map(int, ref(name))
        case("fisher", "R fisher.test", r="fisher", table=name)
        case("fisher", "scipy fisher_exact", want={"p": stats.fisher_exact([[a, b], [c, d]]).pvalue}, table=name)
        for conf in (0.95, 0.99):
            if 0 < a < a + b:
                case("wilson", "R prop.test", r="wilson", args={"conf": conf, "count": a, "n": a + b}, x=name)
            low, high = proportion_confint(a, a + b, alpha=1 - conf, method="wilson")
            low = low if a else 0.0  # where rounding leaves 1e-17
            case("wilson", "statsmodels", want={"effect": a / (a + b), "low": low, "high": high}, args={"conf": conf, "count": a, "n": a + b}, x=name)
            low, high = confint_proportions_2indep(a, a + b, c, c + d, compare="diff", method="newcomb", alpha=1 - conf)
            case("newcombe", "statsmodels", want={"effect": a / (a + b) - c / (c + d), "low": low, "high": high}, args={"conf": conf}, table=name)
            if a and c and (b or d):
                low, high = confint_proportions_2indep(a, a + b, c, c + d, compare="ratio", method="log", alpha=1 - conf)
                case("selection ratio (katz)", "statsmodels", want={"effect": a / (a + b) / (c / (c + d)), "low": low, "high": high}, args={"conf": conf}, table=name)
        for share in (0.5, 0.3):
            case("sample ratio", "R chisq.test", r="sample_ratio", args={"share": share}, x=name, table=[a + b, c + d])


def column(name, values):
    kind, key = name.split(".")
    SETS[kind]["columns"][key] = np.asarray(values, float).tolist()
    return name


def regressions():
    column("ukgas.log", np.log(vec("ukgas.gas")))
    column("ukgas.t", np.arange(len(vec("ukgas.gas"))))
    sets = [
        ("swiss.Fertility", ["swiss.Agriculture", "swiss.Examination", "swiss.Education", "swiss.Catholic", "swiss.Infant.Mortality"], None),
        ("longley.Employed", ["longley.GNP.deflator", "longley.GNP", "longley.Unemployed", "longley.Armed.Forces", "longley.Population", "longley.Year"], None),
        ("stackloss.stack.loss", ["stackloss.Air.Flow", "stackloss.Water.Temp", "stackloss.Acid.Conc."], None),
        ("lifecyclesavings.sr", ["lifecyclesavings.pop15", "lifecyclesavings.pop75", "lifecyclesavings.dpi", "lifecyclesavings.ddpi"], None),
        ("airquality.Ozone", ["airquality.Solar.R", "airquality.Wind", "airquality.Temp"], "airquality.Month"),
        ("mtcars.mpg", ["mtcars.wt", "mtcars.hp", "mtcars.qsec"], "mtcars.carb"),
        ("women.weight", ["women.height"], None), ("cars.dist", ["cars.speed"], None), ("trees.Volume", ["trees.Girth", "trees.Height"], None),
        ("faithful.eruptions", ["faithful.waiting"], None), ("quakes.stations", ["quakes.mag", "quakes.depth"], None),
        ("attitude.rating", ["attitude.complaints", "attitude.learning", "attitude.raises"], None),
        ("anscombe.y1", ["anscombe.x1"], None), ("anscombe.y3", ["anscombe.x3"], None), ("toothgrowth.len", ["toothgrowth.dose", "toothgrowth.juice"], None),
        ("iris.petal", ["iris.sepal", "iris.width"], None), ("usarrests.Murder", ["usarrests.Assault", "usarrests.UrbanPop"], None),
        ("infert.case", ["infert.age", "infert.aborted", "infert.parity"], "infert.stratum"),
        ("orange.circumference", ["orange.age"], "orange.tree"), ("co2.uptake", ["co2.conc", "co2.quebec", "co2.chilled"], "co2.plant"),
        ("chickweight.weight", ["chickweight.time", "chickweight.diet3"], "chickweight.chick"),
        ("loblolly.height", ["loblolly.age"], "loblolly.seed"), ("attenu.accel", ["attenu.dist", "attenu.mag"], "attenu.event"),
        ("grunfeld.invest", ["grunfeld.value", "grunfeld.capital"], "grunfeld.firm"),
        ("spector.gpa", ["spector.tuce", "spector.psi", "spector.grade"], None), ("star98.above", ["star98.low_income", "star98.ratio", "star98.salary", "star98.minority"], None),
        ("statecrime.murder", ["statecrime.urban", "statecrime.poverty", "statecrime.hs_grad", "statecrime.single"], None),
        ("engel.food", ["engel.income"], None), ("collinear.y", ["collinear.t", "collinear.u"], "collinear.cluster"),
        ("macrodata.consumption", ["macrodata.income", "macrodata.unemployment"], None), ("nile.flow", ["nile.year"], None),
        ("ukgas.log", ["ukgas.t"], None), ("lakehuron.level", ["lakehuron.year"], None), ("seatbelts.front", ["seatbelts.kms", "seatbelts.petrol", "seatbelts.law"], None),
    ]
    series = {"macrodata.consumption": 8, "nile.flow": 5, "ukgas.log": 12, "lakehuron.level": 6, "seatbelts.front": 12, "longley.Employed": 2, "cars.dist": 3}
    for y, x, cluster in sets:
        # R's names of columns have dots; ours have one, between set and column.
        y, x = dotted(y), [dotted(n) for n in x]
        design = ["1", *x]
        X, v = np.column_stack([np.ones(len(vec(y)))] + [vec(n) for n in x]), vec(y)
        c = [0.0] * len(design)
        c[1] = 1.0
        hard = y.split(".")[0] in ("longley", "collinear")
        # What statsmodels says of these standard errors is itself good to six digits or so.
        tail = ", near-collinear" if hard else ""
        if hard:
            lags = series.get(y, 0)
            exact = exact_sandwich(X.T.tolist(), v.tolist(), c, lags, vec(cluster).tolist() if cluster else None)
            by = "rational arithmetic"
            case("classical se, near-collinear, exact", by, want={"se": exact["classical"]}, design=design, y=y, c=c)
            case("hc3, near-collinear, exact", by, want={"se": exact["hc3"]}, design=design, y=y, c=c)
            if lags:
                for small, key in ((0, "newey-west"), (1, "newey-west, small")):
                    case("newey-west, near-collinear, exact", by, want={"se": exact[key]}, args={"lags": lags, "small": small}, design=design, y=y, c=c)
            if cluster:
                case("cr1, near-collinear, exact", by, want={"se": exact["cr1"]}, design=design, y=y, c=c, cluster=cluster)
        case("ols coefficients" + tail, "R lm.fit", r="ols", design=design, y=y)
        case("ols coefficients" + tail, "rational arithmetic", design=design, y=y,
             want={f"b{i}": b for i, b in enumerate(exact_ols(X.T.tolist(), v.tolist()))})
        fit = sm.OLS(v, X).fit(method="qr")
        if not hard:
            case("ols coefficients", "statsmodels", design=design, y=y, want={f"b{i}": b for i, b in enumerate(fit.params)})
        case("hc3" + (tail and tail + ", exact"), "R, from lm.fit", r="hc3", design=design, y=y, c=c)
        case("hc3" + tail, "statsmodels", want={"effect": fit.params[1], "se": along(fit.get_robustcov_results("HC3"), c)}, design=design, y=y, c=c)
        case("classical se" + tail, "statsmodels", want={"se": along(fit, c)}, design=design, y=y, c=c)
        if y in series:
            for lags in (1, series[y]):
                for small in (False, True):
                    f = sm.OLS(v, X).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": small, "kernel": "bartlett"})
                    case("newey-west" + tail, "statsmodels", want={"se": along(f, c)}, args={"lags": lags, "small": int(small)}, design=design, y=y, c=c)
        if cluster:
            g = vec(cluster).astype(int)
            f = sm.OLS(v, X).fit(cov_type="cluster", cov_kwds={"groups": g, "use_correction": True})
            case("cr1" + tail, "statsmodels", want={"se": along(f, c)}, design=design, y=y, c=c, cluster=cluster)
            case("cv3 jackknife" + tail, "R, fitted anew", r="cv3", args={"conf": 0.95}, design=design, y=y, c=c, cluster=cluster)
    segments()
    d = SETS["grunfeld"]["columns"]
    case("two-way fixed effects", "statsmodels, dummies, fitted anew", want=two_way(d["firm"], d["step"], d["with"], d["invest"]),
         unit="grunfeld.firm", step="grunfeld.step", treated="grunfeld.with", y="grunfeld.invest")
    d = SETS["chickweight"]["columns"]
    column("chickweight.with", (np.array(d["chick"]) % 4 != 0) & (np.array(d["time"]) >= 4 + 4 * (np.array(d["chick"]) % 3)))
    case("two-way fixed effects", "statsmodels, dummies, fitted anew", want=two_way(d["chick"], d["time"], d["with"], d["weight"]),
         unit="chickweight.chick", step="chickweight.time", treated="chickweight.with", y="chickweight.weight")
    ancova("sleep.drug2", "sleep.drug1", "near.z", "near.x")
    ancova("iris.setosa", "iris.versicolor", "iris.virginica", "morley.expt1")
    d = SETS["spector"]["columns"]
    psi = np.array(d["psi"]) == 1
    for k in ("gpa", "tuce"):
        column(f"spector.{k}_with", np.array(d[k])[psi])
        column(f"spector.{k}_without", np.array(d[k])[~psi])
    ancova("spector.gpa_with", "spector.tuce_with", "spector.gpa_without", "spector.tuce_without")


def dotted(name):
    kind, key = name.split(".", 1)
    flat = key.replace(".", "_").rstrip("_")
    if flat != key and key in SETS[kind]["columns"]:
        SETS[kind]["columns"][flat] = SETS[kind]["columns"].pop(key)
    return f"{kind}.{flat}"


def ancova_fit(x, x0, y, y0):
    """Lin's regression by statsmodels: arm, centred covariate and their product, HC3."""
    n = min(len(x), len(x0)), min(len(y), len(y0))
    x, x0, y, y0 = x[: n[0]], x0[: n[0]], y[: n[1]], y0[: n[1]]
    z = np.concatenate([x0, y0])
    z = z - z.mean()
    arm = np.r_[np.ones(n[0]), np.zeros(n[1])]
    fit = sm.OLS(np.concatenate([x, y]), np.column_stack([np.ones(sum(n)), arm, z, arm * z])).fit().get_robustcov_results("HC3")
    return student(fit.params[1], fit.bse[1], sum(n) - 4)


def ancova(x, x0, y, y0):
    case("ancova hc3", "statsmodels", want=ancova_fit(vec(x), vec(x0), vec(y), vec(y0)), x=x, x0=x0, y=y, y0=y0)


def segmented(step, y, lags):
    step, y = np.asarray(step, float), np.asarray(y, float)
    after = (step >= 0).astype(float)
    X = np.column_stack([np.ones(len(y)), step, after, step * after])
    fit = sm.OLS(y, X).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    c = np.array([0, 0, 1, step[step >= 0].mean()])
    return dict(effect=fit.params @ c, se=along(fit, c), level=fit.params[2], slope=fit.params[3])


def segments():
    column("nile.step", vec("nile.year") - 1899)  # the dam at Aswan
    law = vec("seatbelts.law")
    column("seatbelts.step", np.arange(len(law)) - int((law == 0).sum()))
    column("lakehuron.step", vec("lakehuron.year") - 1920)
    column("ukgas.step", vec("ukgas.t") - 44)
    for step, y in (("nile.step", "nile.flow"), ("seatbelts.step", "seatbelts.front"), ("lakehuron.step", "lakehuron.level"), ("ukgas.step", "ukgas.log")):
        for lags in (1, math.ceil(1.3 * math.sqrt(len(vec(y))))):
            case("segmented regression", "statsmodels HAC", want=segmented(vec(step), vec(y), lags), args={"lags": lags}, step=step, y=y)


def power():
    for n0, n1, m, icc in ((20, 20, 1, 0), (64, 64, 1, 0), (15, 60, 1, 0), (200, 240, 10, 0.05), (5000, 4000, 1, 0)):
        for conf, pw in ((0.95, 0.8), (0.99, 0.9)):
            args = dict(n0=n0, n1=n1, m=m, icc=icc, conf=conf, power=pw)
            case("power, two arms", "R, Bloom's formula", r="power_two_arm", args={**args, "sd": 2.5})
            case("power, paired", "R, Bloom's formula", r="power_paired", args={**args, "sd": 2.5, "r": 0.6})
            case("power, shares", "R uniroot", r="power_share", args={**args, "base": 0.3})
            case("power, shares", "R uniroot", r="power_share", args={**args, "base": 0.8})
            if n0 == n1 and m == 1:
                case("power, against the non-central t", "R power.t.test", r="power_exact", args={**args, "sd": 2.5})


    for sd, effect, conf, pw, m, icc in ((1, 0.5, 0.95, 0.8, 1, 0), (1, 0.2, 0.99, 0.9, 1, 0), (12, 3, 0.95, 0.8, 8, 0.1), (1, 2.5, 0.95, 0.8, 1, 0)):
        def found(n):
            df = 2 * n / m - 2
            return df >= 1 and sd * math.sqrt((1 + (m - 1) * icc) * 2 / n) * (stats.t.ppf(1 - (1 - conf) / 2, df) + stats.t.ppf(pw, df)) <= effect

        case("sample size", "SciPy, one after another", want={"n": next(n for n in range(2, 10**6) if found(n))},
             args=dict(sd=sd, effect=effect, conf=conf, power=pw, m=m, icc=icc))


# ---- through the entry point ----------------------------------------------------------


def analyses():
    f = pd.DataFrame(SETS["rows_windows"]["columns"])
    f = f[f.missing == 0]
    for weighted in (False, True):
        g = f.assign(w=f.volume if weighted else 1.0)
        g = g.assign(vw=g.value * g.w, lw=np.log(g.value) * g.w)
        cells = g.groupby(["worker", "period"])[["vw", "lw", "w"]].sum()
        mean = (cells.vw / cells.w).unstack()
        logs = (cells.lw / cells.w).unstack()
        arm, team = f.groupby("worker").arm.first(), f.groupby("worker").team.first()
        pair = f.groupby("worker").pair.first()
        args = {"volume": int(weighted)}

        def say(design, want, by, **spec):
            entry = {"method": "analyse: " + design, "by": by, "rows": "rows_windows", "args": {**args, **spec}}
            entry["want"] = {k: float(v) for k, v in want.items()}
            CASES.append(entry)

        change = (mean[1] - mean[0]).dropna()
        with_, without = change[arm[change.index] == 1], change[arm[change.index] == 0]
        say("difference in differences", welch(with_, without), "pandas, scipy ttest_ind")
        both = change.groupby([arm, team]).mean()
        say("difference in differences, teams", welch(both[1], both[0]), "pandas, scipy ttest_ind", by_team=1)
        change_log = (logs[1] - logs[0]).dropna()
        w = welch(change_log[arm[change_log.index] == 1], change_log[arm[change_log.index] == 0])
        say("difference in differences, log ratio", {**w, "effect": math.exp(w["effect"]), "low": math.exp(w["low"]), "high": math.exp(w["high"])}, "pandas, scipy ttest_ind", log=1)
        say("paired", student_of(with_), "pandas, scipy")
        m = mean[arm == 1]
        n = m.notna().sum()
        pull = ((m - m.mean()).fillna(0) / n * [-1, 1]).sum(axis=1)
        g_ = len(m)
        say("before and after", student(m[1].mean() - m[0].mean(), math.sqrt(g_ / (g_ - 1) * (pull**2).sum()), g_ - 1), "NumPy, influence functions")
        seen = mean[1].dropna()
        say("randomised staff", welch(seen[arm[seen.index] == 1], seen[arm[seen.index] == 0]), "pandas, scipy ttest_ind")
        whole = mean.dropna()
        a1, a0 = whole[arm[whole.index] == 1], whole[arm[whole.index] == 0]
        say("randomised staff, covariate", ancova_fit(a1[1].to_numpy(), a1[0].to_numpy(), a0[1].to_numpy(), a0[0].to_numpy()), "statsmodels HC3", covariate=1)
        sides = change.groupby([pair, arm]).mean().unstack().dropna()
        say("matched", student_of(sides[1] - sides[0]), "pandas, scipy")
    d = pd.DataFrame(SETS["rows_stepped"]["columns"])
    d["step"] = (d.day - d.day.min()) // 7
    cells = d.groupby(["worker", "step", "arm"]).value.mean().reset_index()
    CASES.append({"method": "analyse: stepped", "by": "statsmodels, dummies, fitted anew", "rows": "rows_stepped", "args": {},
                  "want": {k: float(v) for k, v in two_way(cells.worker, cells.step, cells.arm, cells.value).items()}})
    cells = d.groupby(["worker", "team", "step", "arm"]).value.mean().groupby(["team", "step", "arm"]).mean().reset_index()
    CASES.append({"method": "analyse: stepped, teams", "by": "statsmodels, dummies, fitted anew", "rows": "rows_stepped", "args": {"by_team": 1},
                  "want": {k: float(v) for k, v in two_way(cells.team, cells.step, cells.arm, cells.value).items()}})
    d = pd.DataFrame(SETS["rows_series"]["columns"])
    d["step"] = np.floor(d.day / 7)
    steps = d.groupby(["step", "worker"]).value.mean().groupby("step").mean()
    lags = math.ceil(1.3 * math.sqrt(len(steps)))
    CASES.append({"method": "analyse: interrupted series", "by": "statsmodels HAC", "rows": "rows_series", "args": {},
                  "want": {k: float(v) for k, v in segmented(steps.index, steps, lags).items()}})
    d = pd.DataFrame(SETS["rows_survey"]["columns"])
    t = d.groupby("arm").value.agg(["sum", "count"]).astype(int)
    low, high = confint_proportions_2indep(t["sum"][1], t["count"][1], t["sum"][0], t["count"][0], method="newcomb", compare="diff")
    p = stats.fisher_exact([[t["sum"][k], t["count"][k] - t["sum"][k]] for k in (1, 0)]).pvalue
    CASES.append({"method": "analyse: survey, share", "by": "statsmodels, scipy", "rows": "rows_survey", "args": {},
                  "want": {"effect": float(t["sum"][1] / t["count"][1] - t["sum"][0] / t["count"][0]), "low": float(low), "high": float(high), "p": float(p)}})
    t = d[d.arm == 1].groupby("group").value.agg(["sum", "count"]).astype(int)
    worst = min((1, 2), key=lambda k: t["sum"][k] / t["count"][k])
    low, high = confint_proportions_2indep(t["sum"][worst], t["count"][worst], t["sum"][0], t["count"][0], method="log", compare="ratio")
    CASES.append({"method": "analyse: selection ratio", "by": "statsmodels", "rows": "rows_survey", "args": {"selection": 1},
                  "want": {"effect": float(t["sum"][worst] / t["count"][worst] / (t["sum"][0] / t["count"][0])), "low": float(low), "high": float(high)}})
    d = pd.DataFrame(SETS["rows_tasks"]["columns"])
    m = d.groupby(["worker", "arm"]).value.mean().unstack().dropna()
    CASES.append({"method": "analyse: randomised tasks", "by": "pandas, scipy", "rows": "rows_tasks", "args": {},
                  "want": {k: float(v) for k, v in student_of(m[1] - m[0]).items()}})


# ---- what is drawn --------------------------------------------------------------------

BATCHES, PER_BATCH = 20, 10_000


def draw_quantile(s, p):
    """At (B+1)p of the draws: Davison & Hinkley (1997), section 5.2."""
    return np.quantile(s, p, method="weibull")


def bca_ends(effect, draws, a, conf=0.95):
    # Means of values with few decimals fall on the effect itself, but for their rounding.
    near = np.abs(draws - effect) <= 1e-12 * abs(effect)
    z0 = stats.norm.ppf((draws[~near] < effect).sum() / len(draws) + near.mean() / 2)
    out = []
    for p in ((1 - conf) / 2, (1 + conf) / 2):
        z = z0 + stats.norm.ppf(p)
        out.append(draw_quantile(draws, stats.norm.cdf(z0 + z / (1 - a * z))))
    return out


def drawn_case(method, ends, **refs):
    """ends(k) gives the figures of all draws in batch k, or of all where k is None."""
    whole = ends(slice(None))
    parts = [ends(slice(i * PER_BATCH, (i + 1) * PER_BATCH)) for i in range(BATCHES)]
    CASES.append({"method": method, "by": f"NumPy, {BATCHES * PER_BATCH} draws", **refs, "want": {k: float(v) for k, v in whole.items()},
                  "spread": {k: float(np.std([p[k] for p in parts], ddof=1)) for k in whole}, "batch": PER_BATCH, "batches": BATCHES})


def skew(*influences):
    s = sum(((l / len(l)) ** 2).sum() for l in influences)
    return sum(((l / len(l)) ** 3).sum() for l in influences) / (6 * s**1.5)


def drawn(r, x, statistic):
    """All draws of one sample, a batch at a time."""
    out = []
    for _ in range(BATCHES):
        out.append(statistic(x[r.integers(0, len(x), (PER_BATCH, len(x)))]))
    return [np.concatenate(part) for part in zip(*out)]


def mean_and_square(v):
    return v.mean(axis=1), v.var(axis=1, ddof=1) / v.shape[1]


def trimmed_and_square(v, share=0.2):
    v = np.sort(v, axis=1)
    n = v.shape[1]
    g = math.floor(n * share + 1e-9)
    w = np.clip(v, v[:, [g]], v[:, [n - g - 1]])
    h = n - 2 * g
    return v[:, g : n - g].mean(axis=1), (n - 1) * w.var(axis=1, ddof=1) / (h * (h - 1))


def resampled(r, method, x, y, statistic, influence, /, **refs):
    of = lambda v: [float(part[0]) for part in statistic(v[None, :])]
    (mx, vx), (my, vy) = of(x), of(y) if y is not None else (0.0, 0.0)
    effect, se = mx - my, math.sqrt(vx + vy)
    dx, qx = drawn(r, x, statistic)
    dy, qy = drawn(r, y, statistic) if y is not None else (0.0, 0.0)
    theta, wide = dx - dy, np.sqrt(qx + qy)
    a = skew(*([influence(x)] + ([-influence(y)] if y is not None else [])))

    def studentised(k):
        good = wide[k] > 1e-12 * max(np.abs(x).max(), 0 if y is None else np.abs(y).max())
        t = (theta[k][good] - effect) / wide[k][good]
        least = min((t < effect / se).sum(), (t >= effect / se).sum()) + 1
        return dict(low=effect - draw_quantile(t, 0.975) * se, high=effect - draw_quantile(t, 0.025) * se, p=min(1, 2 * least / (len(t) + 1)))

    drawn_case(f"bootstrap-t, {method}", studentised, **refs)
    drawn_case(f"bca, {method}", lambda k: dict(zip(("low", "high"), bca_ends(effect, theta[k], a))), **refs)


def medians(draws, **refs):
    """Medians fall on few values, where a standard error says nothing. The bounds are the
    draws' quantiles four standard errors of a share to either side, ours being half as many."""
    ends = dict(low=0.025, high=0.975)
    bounds = {}
    for name, p in ends.items():
        off = 4 * math.sqrt(p * (1 - p) * (1 / len(draws) + 1 / (len(draws) / 2)))
        bounds[name] = [float(draw_quantile(draws, q)) for q in (p - off, p + off)]
    CASES.append({"method": "percentile, difference of medians", "by": f"NumPy, {len(draws)} draws", **refs,
                  "want": {k: float(draw_quantile(draws, p)) for k, p in ends.items()}, "bounds": bounds})


def left_out(x, of):
    return np.array([(len(x) - 1) * (of(x) - of(np.delete(x, i))) for i in range(len(x))])


def bootstraps():
    r = np.random.default_rng(71)
    centred = lambda v: v - v.mean()
    column("sleep.difference", vec("sleep.drug2") - vec("sleep.drug1"))
    resampled(r, "mean", vec("sleep.difference"), None, mean_and_square, centred, x="sleep.difference")
    for x, y in (("mtcars.manual", "mtcars.automatic"), ("skewed.x", "skewed.y"), ("toothgrowth.OJ", "toothgrowth.VC")):
        resampled(r, "difference of means", vec(x), vec(y), mean_and_square, centred, x=x, y=y)
        resampled(r, "difference of trimmed means", vec(x), vec(y), trimmed_and_square,
                  lambda v: left_out(v, lambda s: float(trimmed_and_square(s[None, :])[0][0])), x=x, y=y)
        a, b = (drawn(r, vec(n), lambda v: (np.median(v, axis=1),))[0] for n in (x, y))
        medians(a - b, x=x, y=y)
    f = pd.DataFrame(SETS["rows_windows"]["columns"])
    f = f[f.missing == 0]
    m = f.groupby(["worker", "period"]).value.mean().unstack()
    arm = f.groupby("worker").arm.first()
    # Workers are drawn whole: a worker's change goes with the worker.
    change = (m[1] - m[0]).dropna()
    resampled(r, "workers drawn, difference in differences", change[arm[change.index] == 1].to_numpy(), change[arm[change.index] == 0].to_numpy(),
              mean_and_square, centred, rows="rows_windows")
    overlap(r, m[arm == 1].to_numpy())
    fixed_b(r)


def overlap(r, m):
    """Workers in both windows or one, drawn whole; the standard error from influences."""
    g = len(m)

    def of(v):
        has = ~np.isnan(v)
        n = has.sum(axis=1)
        z = np.where(has, v, 0.0)
        mean = z.sum(axis=1) / n
        pull = (np.where(has, v - mean[:, None, :], 0.0) / n[:, None, :] * np.array([-1, 1])).sum(axis=2)
        return mean[:, 1] - mean[:, 0], np.sqrt(g / (g - 1) * (pull**2).sum(axis=1)), pull

    effect, se, pull = (part[0] for part in of(m[None]))
    parts = [of(m[r.integers(0, g, (PER_BATCH, g))])[:2] for _ in range(BATCHES)]
    theta, wide = (np.concatenate(p) for p in zip(*parts))

    def studentised(k):
        t = (theta[k] - effect) / wide[k]
        return dict(low=effect - draw_quantile(t, 0.975) * se, high=effect - draw_quantile(t, 0.025) * se)

    drawn_case("bootstrap-t, before and after", studentised, rows="rows_windows")
    a = skew(pull * g)
    drawn_case("bca, before and after", lambda k: dict(zip(("low", "high"), bca_ends(effect, theta[k], a))), rows="rows_windows")


def fixed_b(r):
    """Critical values of the Newey-West t of a segmented series, errors AR(1)."""
    near = np.abs(vec("nile.step") + 0.5) < 10  # twenty years of the hundred
    column("nile.short_step", vec("nile.step")[near])
    column("nile.short_flow", vec("nile.flow")[near])
    for step, y in (("nile.step", "nile.flow"), ("nile.short_step", "nile.short_flow")):
        fixed_b_of(r, step, y)


def fixed_b_of(r, name, y):
    step = vec(name)
    after = (step >= 0).astype(float)
    X = np.column_stack([np.ones(len(step)), step, after, step * after])
    c = np.array([0, 0, 1, step[step >= 0].mean()])
    lags, n = math.ceil(1.3 * math.sqrt(len(step))), len(step)
    pull = X @ np.linalg.solve(X.T @ X, c)
    M = np.eye(n) - X @ np.linalg.solve(X.T @ X, X.T)
    i = np.arange(n)
    weight = np.maximum(0, 1 - np.abs(i[:, None] - i) / (lags + 1))
    for carry in (0.0, 0.3, 0.7):
        root = np.linalg.cholesky(carry ** np.abs(i[:, None] - i) if carry else np.eye(n))
        t = []
        for _ in range(BATCHES):
            e = r.normal(size=(PER_BATCH, n)) @ root.T
            s = (e @ M) * pull
            t.append(np.abs(e @ pull) / np.sqrt(((s @ weight) * s).sum(axis=1) * n / (n - 4)))
        t = np.concatenate(t)
        drawn_case("fixed-b critical value", lambda k: dict(effect=np.quantile(t[k], 0.95)), step=name, y=y, args={"carry": carry, "lags": lags})


# ---- in and out -----------------------------------------------------------------------


def plan(work):
    read_public(work + "/public.tsv")
    statsmodels_sets()
    hard_sets()
    samples()
    tables()
    regressions()
    power()
    analyses()
    bootstraps()
    with open(work + "/plan.json", "w", encoding="utf-8") as out:
        json.dump({"sets": SETS, "cases": CASES}, out)
    with open(work + "/tasks.tsv", "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in TASKS)


def short(value):
    """17 digits where it takes them, whole numbers without a point."""
    if isinstance(value, dict):
        return {k: short(v) for k, v in value.items()}
    if isinstance(value, list):
        return [short(v) for v in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def merge(work, out):
    with open(work + "/plan.json", encoding="utf-8") as file:
        made = json.load(file)
    cases = made["cases"]
    for line in open(work + "/figures.tsv", encoding="utf-8"):
        number, *figures = line.rstrip("\n").split("\t")
        cases[int(number)]["want"] = {k: float.fromhex(v) for k, v in (f.split("=") for f in figures)}
    for c in cases:
        if "same_as" in c:
            method, x, y = c.pop("same_as")
            c["want"] = next(o["want"] for o in cases if o["method"] == method and o.get("x") == x and o.get("y") == y and o["by"].startswith("R"))
        assert all(map(math.isfinite, c["want"].values())), c
    used = {v.split(".")[0] for c in cases for v in flat(c)} | {c["rows"] for c in cases if "rows" in c}
    columns = {v for c in cases for v in flat(c)}
    sets = []
    for name, s in sorted(made["sets"].items()):
        keep = {k: v for k, v in s["columns"].items() if f"{name}.{k}" in columns or name.startswith("rows_")}
        if name in used:
            sets.append({"name": name, "source": s["source"], "columns": keep})
    for file, key, entries in (("data.json", "sets", sets), ("figures.json", "cases", cases)):
        lines = ",\n".join(json.dumps(short(e), separators=(",", ":"), allow_nan=False) for e in entries)
        with open(f"{out}/{file}", "w", encoding="utf-8") as to:
            to.write('{"%s":[\n%s\n]}\n' % (key, lines))
    print(f"{len(sets)} data sets, {len(cases)} comparisons")


def flat(c):
    for key in ("x", "y", "x0", "y0", "table", "cluster", "unit", "step", "treated"):
        if isinstance(c.get(key), str):
            yield c[key]
    yield from (v for v in c.get("design", []) if v != "1")


if __name__ == "__main__":
    {"plan": plan, "merge": merge}[sys.argv[1]](*sys.argv[2:])
