"""200 cohorts of 300 customers from BG/NBD: does every fit come back, and what does it say?

Run by hand: `python tests/benchmarks/clv_robustness.py [cohorts] [customers]`.
"""

import sys
from collections import Counter

import numpy as np

from kpilib.clv import BGNBD, MBGNBD, ParetoNBD
from kpilib.clv.with_lifetimes import lifetimes_at_work

TRUTH = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)


def main(cohorts: int = 200, customers: int = 300) -> None:
    """Print, for each model, fits that are finite, fits with a prior, findings and failures."""
    rng = np.random.default_rng(20)
    tally = {kind: Counter() for kind in (BGNBD, MBGNBD, ParetoNBD)}
    below = Counter()
    theirs = Counter()
    for cohort in range(cohorts):
        seen = TRUTH.simulate(rng.uniform(27, 38.86, customers), seed=cohort)
        history = seen["frequency"].to_numpy(), seen["recency"].to_numpy(), seen["T"].to_numpy()
        for kind, count in tally.items():
            try:
                model = kind.fit(*history, time_unit="weeks")
            except Exception as error:
                count[f"raised {type(error).__name__}"] += 1
                continue
            finite = np.isfinite(list(model.parameters.values())).all()
            positive = np.linalg.eigvalsh(model.covariance)[0] > 0
            count["finite with a covariance" if finite and positive else "broken"] += 1
            count["with the weak prior"] += model.fitted.prior_used
            count.update(finding.name for finding in model.diagnosis)
            if kind is BGNBD and not model.fitted.prior_used:
                truth = BGNBD.likelihood(model.fitted.counts)(list(TRUTH.parameters.values()))[0]
                below["less likely than the truth"] += model.log_likelihood < truth
        with lifetimes_at_work() as lifetimes:
            try:
                lifetimes.BetaGeoFitter().fit(*history)
                theirs["fitted"] += 1
            except Exception as error:
                theirs[type(error).__name__] += 1
    for kind, count in tally.items():
        print(f"{kind.__name__:<10} {cohorts} cohorts of {customers}: {dict(count)}")
    print(f"BGNBD without prior: {dict(below)}")
    print(f"lifetimes BetaGeoFitter: {dict(theirs)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
