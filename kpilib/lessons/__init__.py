"""What a KPI means, for who wants to know: explanations, comparisons, a glossary, exercises, cases.

`knowledge/` holds what is known of each KPI and analysis beside its definition; `explain/` puts it
together with one month's numbers. May import `questions`, `show`, `demo` and what they stand on;
the command line and the notebooks of `notebooks/lessons/` ask it.
"""
