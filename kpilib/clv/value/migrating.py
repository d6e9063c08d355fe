"""Coming from lifetimes: every one of its calls, and what to write here.

Three things differ in what comes out. Time is in exact days throughout (`model.in_unit("weeks")`
reports in another unit), where lifetimes takes months of 30 days or of 4.345 weeks. A discount rate
is yearly here and monthly there: `(1 + monthly) ** 12 - 1`. And a refund is no purchase here.

Where lifetimes itself should do the fitting and predicting, keep its numbers under these names:
`BGNBD.fit(..., engine="lifetimes")`.
"""

import pandas as pd

FITTERS = {
    "BetaGeoFitter": "BGNBD",
    "ModifiedBetaGeoFitter": "MBGNBD",
    "ParetoNBDFitter": "ParetoNBD",
    "BetaGeoBetaBinomFitter": "BGBB",
    "GammaGammaFitter": "GammaGamma",
}
"""Fitter → model. A fitter is made and then fitted; a model is what `fit` gives, never unfitted. A
penalizer has no counterpart: where the data leave a parameter open, a weak prior closes it, and
`diagnosis` says so."""

METHODS = {
    "fit": "Model.fit(frequency, recency, T, weights=None)",
    "predict": "model.expected_purchases(t, frequency, recency, T)",
    "conditional_expected_number_of_purchases_up_to_time": (
        "model.expected_purchases(t, frequency, recency, T)"
    ),
    "conditional_probability_alive": "model.probability_alive(frequency, recency, T)",
    "conditional_probability_alive_matrix": "frequency_recency(model, T)",
    "expected_number_of_purchases_up_to_time": "model.expected_purchases_new(t)",
    "expected_number_of_transactions_in_first_n_periods": "model.probability_of_n_purchases(n, t)",
    "probability_of_n_purchases_up_to_time": "model.probability_of_n_purchases(n, t)",
    "conditional_probability_of_n_purchases_up_to_time": (
        "simulate_purchases(model, x, t_x, age, days)"
    ),
    "conditional_expected_average_profit": "spend.expected_spend(frequency, monetary_value)",
    "customer_lifetime_value": "customer_lifetime_value(base, horizon, discount_rate)",
    "generate_new_data": "model.simulate(T)",
    "summary": "model.summary()",
    "save_model": "model.to_json(path)",
    "load_model": "Model.from_json(path)",
}
"""Method of a fitter → what to write with a model."""

FUNCTIONS = {
    "summary_data_from_transaction_data": "purchase_summary(base)",
    "calibration_and_holdout_data": ("holdout_by_frequency(base, split), backtest(base)"),
    "calculate_alive_path": "customer_life(base, customer_id)",
    "expected_cumulative_transactions": "purchase_tracking(base, split)",
    "plot_period_transactions": "plots.plot_holdout_by_frequency(table)",
    "plot_calibration_purchases_vs_holdout_purchases": ("plots.plot_holdout_by_frequency(table)"),
    "plot_frequency_recency_matrix": (
        'plots.plot_frequency_recency(table, measure="expected_purchases")'
    ),
    "plot_probability_alive_matrix": "plots.plot_frequency_recency(table)",
    "plot_expected_repeat_purchases": "model.expected_purchases_new(t)",
    "plot_history_alive": "plots.plot_customer_life(table)",
    "plot_cumulative_transactions": "plots.plot_purchase_tracking(table, so_far=True)",
    "plot_incremental_transactions": "plots.plot_purchase_tracking(table)",
    "plot_transaction_rate_heterogeneity": "plots.plot_heterogeneity(table)",
    "plot_dropout_rate_heterogeneity": "plots.plot_heterogeneity(table)",
    "beta_geometric_nbd_model": "BGNBD(r, alpha, a, b).simulate(T)",
    "beta_geometric_nbd_model_transactional_data": "BGNBD(r, alpha, a, b).simulate(T, ahead)",
    "modified_beta_geometric_nbd_model": "MBGNBD(r, alpha, a, b).simulate(T)",
    "pareto_nbd_model": "ParetoNBD(r, alpha, s, beta).simulate(T)",
    "beta_geometric_beta_binom_model": "BGBB(alpha, beta, gamma, delta).simulate(T)",
}
"""Function of `lifetimes.utils`, `lifetimes.plotting` or `lifetimes.generate_data` → what to write.

Names without a dot before them are in `kpilib.clv`, plots in `kpilib.plots`."""


def migration_table() -> pd.DataFrame:
    """Every lifetimes call and its counterpart: `lifetimes`, `kpilib`.

    >>> migration_table().set_index("lifetimes").loc["BetaGeoFitter", "kpilib"]
    'BGNBD'
    """
    methods = {f".{name}": ours for name, ours in METHODS.items()}
    rows = [*FITTERS.items(), *methods.items(), *FUNCTIONS.items()]
    return pd.DataFrame(rows, columns=["lifetimes", "kpilib"])
