"""The names of the lifetime models."""

MODEL_TITLES = {
    "BGNBD": "BG/NBD",
    "MBGNBD": "MBG/NBD",
    "ParetoNBD": "Pareto/NBD",
    "BGBB": "BG/BB",
    "GammaGamma": "Gamma-Gamma",
    "SBG": "sBG",
}
"""The lifetime models by their classes' names, as the papers write them in every language."""
