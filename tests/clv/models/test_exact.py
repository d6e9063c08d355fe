"""Against mpmath, over a grid that holds the inputs on which the textbook formulas fail."""

from datetime import date
from itertools import product

import mpmath as mp
import numpy as np
import pytest

from kpilib.clv import BGBB, BGNBD, MBGNBD, SBG, Counts, GammaGamma, ParetoNBD, Spend
from kpilib.clv.expected.discount import YEAR, Schedule
from kpilib.clv.models.pareto_integral import log_leaving

TOLERANCE = 1e-8
HISTORIES = [
    (0, 0, 39), (0, 0, 1e-3), (1, 1e-3, 39), (1, 39, 39), (7, 20, 39), (150, 300, 365),
    (150, 365, 365), (2500, 4000, 4000), (10_000, 3000, 4000), (10_000, 3650, 3650.5),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _precision():
    with mp.workdps(60):
        yield


def hyp2f1(a, b, c, z):
    """The Gauss series, term by term: mpmath's own gives up for a, b in the thousands."""
    a, b, c, z = map(mp.mpf, (a, b, c, z))
    term = total = mp.mpf(1)
    k = 0
    while abs(term) > abs(total) * mp.mpf(10) ** -58 or k < 3:
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        k += 1
    return total


def future(r, alpha, a, left, x, T, t):
    """Equation (10) of Fader, Hardie & Lee 2005 without P(alive); `left` is b + x (+ 1)."""
    shape, rate, a, left, t = map(mp.mpf, (r + x, alpha + T, a, left, t))
    if a == 1 or a + left == 1:
        a += mp.mpf(10) ** -25
    ratio = hyp2f1(shape, left, a + left - 1, t / (rate + t))
    return (a + left - 1) / (a - 1) * (1 - (rate / (rate + t)) ** shape * ratio)


def geometric_alive(model, x, t_x, T):
    chances = x + model.first_chance
    if chances == 0:
        return mp.mpf(1)
    odds = mp.mpf(model.a) / (mp.mpf(model.b) + chances - 1)
    odds *= ((mp.mpf(model.alpha) + T) / (mp.mpf(model.alpha) + t_x)) ** (mp.mpf(model.r) + x)
    return 1 / (1 + odds)


def close(got, want, of):
    assert np.isfinite(got), of
    smallest = mp.mpf(10) ** -290  # below this a double has no digits left to compare
    error = abs(mp.mpf(float(got)) - want)
    assert error <= TOLERANCE * abs(want) + smallest, (of, float(got), float(want))


GEOMETRIC = [
    kind(*theta)
    for kind in (BGNBD, MBGNBD)
    for theta in (
        (0.243, 4.414, 0.793, 2.426),
        (0.243, 4.414, 1.0, 2.426),
        (0.6, 11.0, 1 + 1e-9, 0.3),
        (0.05, 0.5, 0.2, 0.3),
        (2.0, 300.0, 0.01, 0.99),
        (30.0, 2.0, 40.0, 700.0),
    )
]


@pytest.mark.parametrize("model", GEOMETRIC, ids=str)
def test_geometric_predictions_are_exact(model):
    for (x, t_x, T), t in product(HISTORIES, (0.1, 52)):
        alive = geometric_alive(model, x, t_x, T)
        close(model.probability_alive(x, t_x, T), alive, (x, t_x, T))
        left = mp.mpf(model.b) + x + model.first_chance
        want = alive * future(model.r, model.alpha, model.a, left, x, T, t)
        close(model.expected_purchases(t, x, t_x, T), want, (t, x, t_x, T))


@pytest.mark.parametrize("model", GEOMETRIC, ids=str)
def test_geometric_new_customers_are_exact(model):
    first = model.first_chance
    stays = mp.mpf(model.b) / (mp.mpf(model.a) + mp.mpf(model.b)) if first else 1
    for t in (1e-6, 1, 104):
        want = stays * future(model.r, model.alpha, model.a, mp.mpf(model.b) + first, 0, 0, t)
        close(model.expected_purchases_new(t), want, t)
    for n, t in product((0, 1, 7, 150), (0.5, 52)):
        close(model.probability_of_n_purchases(n, t), geometric_pmf(model, n, t), (n, t))


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD])
@pytest.mark.parametrize(
    "theta",
    [
        (0.00144, 0.00671, 0.333, 0.00452),
        (636.0, 0.00112, 0.069, 0.00112),
        (0.00908, 0.00295, 0.0145, 0.0611),
        (0.243, 4.414, 1 - 1e-12, 1e-3),
        (0.243, 4.414, 1 + 1e-6, 0.5),
    ],
    ids=str,
)
def test_customers_of_all_sizes_far_ahead(kind, theta):
    """Tiny a and b with horizons of up to 1e10 scales, where few nodes do not do."""
    model = kind(*theta)
    r, alpha, a, b = map(mp.mpf, theta)
    left = b + model.first_chance
    stays = b / (a + b) if model.first_chance else 1
    for t in (1e-9, 716.0, 1e7):
        share = mp.mpf(t) / (alpha + t)
        reach = mp.hyp2f1(r, left, a + left - 1, share) * (1 - share) ** r
        want = stays * (a + left - 1) / (a - 1) * (1 - reach)
        close(model.expected_purchases_new(t), want, t)
    for n, t in product((0, 2, 40), (1e-6, 1e7)):
        if n < 40 or t > 1:
            close(model.probability_of_n_purchases(n, t), geometric_pmf(model, n, t), (n, t))


def geometric_pmf(model, n, t):
    r, alpha, a, b = (mp.mpf(v) for v in model.parameters.values())
    chances = n + model.first_chance

    with mp.workdps(260):
        counts = [(alpha / (alpha + t)) ** r]
        for j in range(n):
            counts.append(counts[-1] * (r + j) / (j + 1) * t / (alpha + t))
        reached = 1 - mp.fsum(counts[:-1])
    value = mp.beta(a, b + chances) / mp.beta(a, b) * counts[-1]
    if chances:
        value += mp.beta(a + 1, b + chances - 1) / mp.beta(a, b) * reached
    return value


PARETO = [
    ParetoNBD(*theta)
    for theta in (
        (0.553, 10.578, 0.606, 11.669),
        (0.553, 10.578, 1.0, 11.669),
        (0.553, 10.578, 1 + 1e-9, 0.01),
        (0.05, 200.0, 0.05, 0.5),
        (3.0, 0.5, 20.0, 4000.0),
        (0.017, 1.75, 0.35, 227.0),
        (0.011, 11.24, 1.0, 0.00111),
    )
]


def pareto_leaving(model, x, low, high):
    """The integral over the moment of leaving, by adaptive quadrature on pieces of tau."""
    r, alpha, s, beta = (mp.mpf(v) for v in model.parameters.values())
    low, high = mp.mpf(low), mp.mpf(high)
    scale = 1 / ((r + x) / (alpha + low) + (s + 1) / (beta + low))
    cuts, step = [low], scale
    while cuts[-1] + step < high and len(cuts) < 40:
        cuts.append(cuts[-1] + step)
        step *= 2
    return mp.quad(
        lambda tau: s * beta**s * (beta + tau) ** -(s + 1) * (alpha + tau) ** -(r + x),
        [*cuts, high],
    )


@pytest.mark.parametrize("model", PARETO, ids=str)
def test_pareto_predictions_are_exact(model):
    r, alpha, s, beta = (mp.mpf(v) for v in model.parameters.values())
    for x, t_x, T in HISTORIES:
        with mp.workdps(25):
            stay = (beta / (beta + T)) ** s * (alpha + mp.mpf(T)) ** -(r + x)
            left = pareto_leaving(model, x, t_x, T) if t_x < T else mp.mpf(0)
            alive = stay / (stay + left)
        close(model.probability_alive(x, t_x, T), alive, (x, t_x, T))
        for t in (0.1, 52):
            want = alive * (r + x) / (alpha + T) * pareto_life(s, beta + T, t)
            close(model.expected_purchases(t, x, t_x, T), want, (t, x, t_x, T))
        counts = Counts.from_arrays([x], [t_x], [T])
        likelihood = mp.log(stay + left) + mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
        got = model.likelihood(counts)(np.array(list(model.parameters.values())))[0]
        close(got, likelihood, (x, t_x, T))


def pareto_life(s, rate, t):
    """Expected time alive in the next t; equation (41) of note 009, and its limit at s = 1."""
    if s == 1:
        return rate * mp.log1p(t / rate)
    return rate / (s - 1) * (1 - (rate / (rate + t)) ** (s - 1))


@pytest.mark.parametrize("model", PARETO, ids=str)
def test_pareto_new_customers_are_exact(model):
    r, alpha, s, beta = (mp.mpf(v) for v in model.parameters.values())
    for t in (1e-6, 1, 104):
        close(model.expected_purchases_new(t), r / alpha * pareto_life(s, beta, t), t)
    for n, t in product((0, 1, 7, 300), (0.5, 52)):
        choose = mp.rf(r, n) / mp.factorial(n)

        def count(tau, n=n, choose=choose):
            return choose * (alpha / (alpha + tau)) ** r * (tau / (alpha + tau)) ** n

        with mp.workdps(25):
            halves = [mp.mpf(2) ** -k for k in range(1, 16)]
            cuts = [0, *(t * h for h in halves[::-1]), *(t * (1 - h) for h in halves[1:]), t]
            leaves = mp.quad(
                lambda tau, count=count: count(tau) * s * beta**s * (beta + tau) ** -(s + 1), cuts
            )
            want = count(mp.mpf(t)) * (beta / (beta + t)) ** s + leaves
        close(model.probability_of_n_purchases(n, t), want, (n, t))


def test_the_pareto_integral_is_the_hypergeometric_difference_of_the_paper():
    model = PARETO[0]
    r, alpha, s, beta = (mp.mpf(v) for v in model.parameters.values())
    x, t_x, T = 5, mp.mpf(20), mp.mpf(39)
    m = r + s + x

    def part(t):
        value = mp.hyp2f1(m, r + x, m + 1, (beta - alpha) / (beta + t))
        return value / (beta + t) ** m

    want = alpha ** (r + x) * s * beta**s / m * (part(t_x) - part(T))
    theta = np.array(list(model.parameters.values()))
    log_value, _ = log_leaving(theta, np.array([5.0]), np.array([20.0]), np.array([39.0]))
    close(np.exp(log_value[0]), want, "A0")


@pytest.mark.parametrize("x", [0, 1, 5, 150, 10_000])
def test_geometric_likelihood_is_exact(x):
    t_x, T = (0.0, 39.0) if x == 0 else (30.43, 38.86)
    for model in GEOMETRIC:
        r, alpha, a, b = (mp.mpf(v) for v in model.parameters.values())
        chances = x + model.first_chance
        buying = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
        value = mp.beta(a, b + chances) * (alpha + T) ** -(r + x)
        if chances:
            value += mp.beta(a + 1, b + chances - 1) * (alpha + t_x) ** -(r + x)
        want = buying + mp.log(value) - mp.log(mp.beta(a, b))
        counts = Counts.from_arrays([x], [t_x], [T])
        got = model.likelihood(counts)(np.array(list(model.parameters.values())))[0]
        close(got, want, x)


@pytest.mark.parametrize("alpha", [0.05, 0.668, 1.0, 30.0])
@pytest.mark.parametrize("discount", [1e-6, 0.1, 5.0])
def test_renewals_are_exact(alpha, discount):
    """Against the hypergeometric form of Fader & Hardie 2010, equation (7), in renewals."""
    model = SBG(alpha, 3.806)
    a, b, d = mp.mpf(alpha), mp.mpf(3.806), mp.mpf(discount)
    for n in (0, 4, 400):
        total = (b + n) / (a + b + n) * mp.hyp2f1(1, b + n + 1, a + b + n + 1, 1 / (1 + d))
        close(model.expected_renewals(n, discount), total / (1 + d), (alpha, discount, n))


def test_survival_is_exact_after_any_number_of_renewals():
    for alpha, beta in ((0.668, 3.806), (53.3, 35.8), (0.001, 1e4)):
        a, b = mp.mpf(alpha), mp.mpf(beta)
        for t in (0, 1, 500, 10**7):
            log_ratio = mp.loggamma(b + t) - mp.loggamma(a + b + t)
            want = mp.exp(log_ratio + mp.loggamma(a + b) - mp.loggamma(b))
            close(SBG(alpha, beta).survival(t), want, (alpha, beta, t))


@pytest.mark.parametrize("rate", [0.001, 0.1])
def test_the_residual_to_infinity_is_exact(rate):
    """Against the integral of e^(-d t) dE(t), by parts, on many short panels."""
    model, history = MBGNBD(0.014, 3.95, 0.0977, 1.4255), ([5.0], [806.0], [855.0])
    schedule = Schedule.until("1 months", start=date(2026, 5, 1), discount_rate=rate)
    times, weights = schedule.tail()
    got = float(weights @ model.expected_purchases(times[:, None], *history)[:, 0])
    daily = np.log1p(rate) / YEAR
    x, w = np.polynomial.legendre.leggauss(20)
    ends = 855 * np.expm1(np.linspace(0, np.log1p(45 / daily / 855), 41))
    middle, half = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
    later = (middle[:, None] + half[:, None] * x).ravel()
    expected = model.expected_purchases((schedule.days + later)[:, None], *history)[:, 0]
    gained = expected - model.expected_purchases(schedule.days, *history)
    sums = (half[:, None] * w).ravel() * daily * np.exp(-daily * later) * gained
    assert got == pytest.approx(sums.sum() * (1 + rate) ** (-1 / 12), rel=1e-8)


def by_logs(function, theta):
    """The derivatives of `function` by the logarithms of its parameters, in mpmath."""
    out = []
    for i in range(len(theta)):

        def along(step, i=i):
            moved = [mp.mpf(v) for v in theta]
            moved[i] *= mp.exp(step)
            return function(*moved)

        out.append(mp.diff(along, 0))
    return out


@pytest.mark.parametrize(
    ("theta", "T"),
    [((5926.3, 1089.2, 1 + 1e-9, 0.357), 2.4e-4), ((4353.3, 0.0047, 1.436, 0.058), 7.7e-9),
     ((0.553, 10.578, 0.606, 11.669), 38.86), ((0.0111, 11.24, 1.0, 0.00111), 1e7)],
)  # fmt: skip
def test_the_pareto_gradient_is_exact_where_ages_are_short(theta, T):
    """A customer without repeat purchases: everything follows from one smooth integral."""
    likelihood = ParetoNBD.likelihood(Counts.from_arrays([0], [0], [T]))
    got = likelihood(np.array(theta))[1] * np.array(theta)

    def log_likelihood(r, alpha, s, beta):
        age = mp.mpf(T)
        stay = (1 + age / beta) ** -s * (1 + age / alpha) ** -r
        cuts = [0, *(age * mp.mpf(4) ** -k for k in range(24, -1, -1))]
        leaves = mp.quad(
            lambda tau: s / beta * (1 + tau / beta) ** -(s + 1) * (1 + tau / alpha) ** -r, cuts
        )
        return mp.log(stay + leaves)

    with mp.workdps(30):
        for value, want in zip(got, by_logs(log_likelihood, theta), strict=True):
            assert abs(value - want) <= TOLERANCE * max(abs(want), min(1, T / theta[3]))


@pytest.mark.parametrize("x", [1, 5, 10_000])
@pytest.mark.parametrize("theta", [(6.25, 3.74, 15.44), (2668.0, 1.0, 0.17), (0.001, 0.3, 1e4)])
def test_the_spend_likelihood_is_exact(x, theta):
    for m in (1e-3, 35.0, 2e6):
        mean = mp.mpf(m)

        def log_likelihood(p, q, v, mean=mean):
            buying = mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q)
            money = q * mp.log(v) + (p * x - 1) * mp.log(mean) + p * x * mp.log(x)
            return buying + money - (p * x + q) * mp.log(x * mean + v)

        problem = GammaGamma.problem(Spend.from_arrays([x], [m]))
        value, slope = problem.log_likelihood(np.array(theta))
        want = log_likelihood(*map(mp.mpf, theta))
        assert abs(value - want) <= TOLERANCE * max(1, abs(want))
        for got, exact in zip(slope * theta, by_logs(log_likelihood, theta), strict=True):
            assert abs(got - exact) <= TOLERANCE * max(1, abs(exact)), (x, theta, m)


@pytest.mark.parametrize("theta", [(1.204, 0.750, 0.657, 2.783), (0.01, 900.0, 1.0, 0.02)], ids=str)
def test_opportunities_are_exact(theta):
    """By definition: the sum over the opportunity after which the customer has gone."""
    a, b, c, d = map(mp.mpf, theta)
    model = BGBB(*theta)

    def gone(x, seen, left):
        buys = mp.beta(a + x, b + seen - x) / mp.beta(a, b)
        return buys * mp.beta(c + left, d + seen) / mp.beta(c, d)

    for x, t_x, T in ((0, 0, 6), (1, 2, 2), (5, 60, 200)):
        likelihood = gone(x, T, 0) + mp.fsum(gone(x, j, 1) for j in range(t_x, T))
        alive = gone(x, T, 0) / likelihood * (d + T) / (c + d + T)
        close(model.probability_alive(x, t_x, T), alive, (x, t_x, T))
        for t in (1, 52, 3000):
            stays, there = mp.mpf(1), mp.mpf(0)
            for k in range(1, t + 1):
                there += stays
                stays *= (d + T + k) / (c + d + T + k)
            want = alive * (a + x) / (a + b + T) * there
            close(model.expected_purchases(t, x, t_x, T), want, (t, x, t_x, T))
