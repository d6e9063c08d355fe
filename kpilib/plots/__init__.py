"""Pictures: `plot_…(table, ax=None) -> Axes`, each of the finished table of the same name.

A plot computes nothing but its own words. Without `ax` it makes a figure in the house style, which
JupyterLab shows; with `ax` it draws there.

Alt text travels inside the picture: every plot ends in `style.finish(ax, finding, description)`,
which adds an invisible artist. `style.alt_text(ax)` reads it back in Python; in any SVG, the
notebook's inline one included, it is a `<g class="kpilib-alt">` holding `<title>` (the finding)
and `<desc>` (the description). A page lifts those two to the top of the `<svg>` with `role="img"`.
"""
