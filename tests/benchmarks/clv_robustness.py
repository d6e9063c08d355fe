"""200 cohorts from each model: does every fit come back, and what does it say?

Run by hand: `python tests/benchmarks/clv_robustness.py [cohorts] [customers]`.
"""

import sys
import warnings
from collections import Counter

import numpy as np

from kpilib.clv import BGNBD, MBGNBD, GammaGamma, ParetoNBD
from kpilib.clv.with_lifetimes import lifetimes_at_work

TRUTHS = (
    BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, time_unit="weeks"),
    MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, time_unit="weeks"),
    ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, time_unit="weeks"),
)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)


def note(count: Counter, fit, *data, **options):
    """Fit, and count what came of it; the model, or None where it raised."""
    try:
        model = fit(*data, **options)
    except Exception as error:
        count[f"raised {type(error).__name__}"] += 1
        return None
    finite = np.isfinite(list(model.parameters.values())).all()
    positive = np.linalg.eigvalsh(model.covariance)[0] > 0
    count["finite with a covariance" if finite and positive else "broken"] += 1
    count["with the weak prior"] += model.fitted.prior_used
    count["without a finding"] += not model.diagnosis
    count.update(finding.name for finding in model.diagnosis)
    return model


def main(cohorts: int = 200, customers: int = 300) -> None:
    """Print, for each model, fits that are finite, fits with a prior, findings and failures."""
    warnings.simplefilter("error")
    for truth in TRUTHS:
        rng = np.random.default_rng(20)
        kind, count, theirs = type(truth), Counter(), Counter()
        for cohort in range(cohorts):
            seen = truth.simulate(rng.uniform(27, 38.86, customers), seed=cohort)
            history = [seen[column].to_numpy() for column in ("frequency", "recency", "T")]
            model = note(count, kind.fit, *history, time_unit="weeks")
            if model is not None and not model.fitted.prior_used:
                at = kind.likelihood(model.fitted.counts)(list(truth.parameters.values()))[0]
                count["less likely than the truth"] += model.log_likelihood < at
            if kind is BGNBD:
                with lifetimes_at_work() as lifetimes:
                    try:
                        lifetimes.BetaGeoFitter().fit(*history)
                        theirs["fitted"] += 1
                    except Exception as error:
                        theirs[type(error).__name__] += 1
        print(f"{kind.__name__:<10} {cohorts} cohorts of {customers}: {dict(count)}", flush=True)
        if theirs:
            print(f"lifetimes  BetaGeoFitter: {dict(theirs)}")
    count = Counter()
    for cohort in range(cohorts):
        seen = TRUTHS[0].simulate(np.full(customers, 38.86), seed=cohort)
        x = seen["frequency"].to_numpy()
        spent = np.nan_to_num(SPEND.simulate(x, seed=cohort))
        note(count, GammaGamma.fit, x, spent)
    print(f"GammaGamma {cohorts} cohorts of {customers}: {dict(count)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
