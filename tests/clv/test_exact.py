"""Against mpmath, over a grid that holds the inputs on which the textbook formulas fail."""

from itertools import product

import mpmath as mp
import numpy as np
import pytest

from kpilib.clv import BGNBD, MBGNBD, SBG, Counts, ParetoNBD
from kpilib.clv.pareto_integral import log_leaving

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

    want = s * beta**s / m * (part(t_x) - part(T))
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
