"""Words, numbers, dates and money as each language writes them. Imports only `errors`.

The English sentence stands in the code, marked where it is made; the other languages stand in
gettext catalogues, `kpilib/locale/<language>/LC_MESSAGES/kpilib.po`:

>>> from datetime import date
>>> from kpilib.words import Amount, Text, Unit, _, ngettext, pgettext
>>> rule = _("a contract is running")
>>> rule.en, rule.of("en"), sorted(rule.to_dict())
('a contract is running', 'a contract is running', ['en', 'vi', 'zh'])

What changes in a sentence is a named placeholder, never an f-string (no catalogue could have it).
Its value may be a number, a date, an `Amount` with its unit, or another `Text`; each is written as
the reader's language writes it:

>>> note = _("complete to {day}", day=date(2026, 10, 5))
>>> note.en, note.format(day=date(2026, 10, 6)).en
('complete to 2026-10-05', 'complete to 2026-10-06')
>>> template = _("{share} of the customers")  # in a table of sentences, and filled in later
>>> template.format(share=Amount(0.25, Unit.SHARE)).en
'25.0% of the customers'

A wording that an English plural hangs on, and an English word that needs two translations:

>>> ngettext("{n} row", "{n} rows", 1).en
'1 row'
>>> pgettext("customers of a month", "new").en
'new'

Where a text meets a reader, `.of(lang)` gives it in the language asked for. Keep the wordings given
to these functions literal strings: `python .ci/messages.py` reads them from the code, adds what is
new to the catalogues with an empty translation, drops what is no more and lists what is left to
translate. A text that is not ours (a segment of the user's own) is `Text("…")`: it reads alike in
every language.
"""

from kpilib.words.languages import LANGUAGES, check_language
from kpilib.words.numbers import format_number
from kpilib.words.text import MISSING, Text, _, ngettext, pgettext
from kpilib.words.units import Amount, Gap, Unit, format_value
from kpilib.words.values import MODEL_TITLES

__all__ = [
    "LANGUAGES",
    "MISSING",
    "MODEL_TITLES",
    "Amount",
    "Gap",
    "Text",
    "Unit",
    "_",
    "check_language",
    "format_number",
    "format_value",
    "ngettext",
    "pgettext",
]
