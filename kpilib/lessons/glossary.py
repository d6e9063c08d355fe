"""All KPIs and analyses explained without numbers: a searchable page, or a Markdown file."""

from html import escape
from typing import Any

from kpilib.errors import InputError
from kpilib.lessons.explain.explanation import explain
from kpilib.lessons.record import TEXTS
from kpilib.registry.definitions import catalogue
from kpilib.show.explanation import (
    heading,
    names_html,
    parts_html,
    said_html,
    sources,
    texts_html,
)
from kpilib.words import LANGUAGES, _
from kpilib.words.families import family_name
from kpilib.words.languages import html_language

TITLE = _("What each KPI means")
THE_TEXTS = _("The texts that these KPIs come from")
SEARCH = _("Search by name, in any language")
LEFT_OUT = ("filled", "certainty", "rows", "names")
"""The parts that only one month's numbers have, and the names, which stand at the top."""

STYLE = """
:root{color-scheme:light dark}
body{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem;
font:400 1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC",
"Microsoft YaHei",sans-serif}
input{width:100%;box-sizing:border-box;padding:.5rem .7rem;font:inherit}
.term{border-top:1px solid #8884;padding:.8rem 0}.term h3{margin:.2rem 0;font-size:1.125rem}
.term h4{margin:.7rem 0 .1rem;font-size:.8125rem;opacity:.7}.term p{margin:.2rem 0}
.term ul{margin:.1rem 0;padding-left:1.2rem}.asks{font-weight:600}
.names{font-size:.8125rem;opacity:.75}
.formula{overflow-x:auto}code{font-size:.85em;opacity:.75}
"""
SCRIPT = """
const box=document.querySelector("#search"),terms=[...document.querySelectorAll(".term")];
const plain=t=>t.normalize("NFD").replace(/[\\u0300-\\u036f]/g,"").replace(/đ/g,"d").toLowerCase();
box.addEventListener("input",()=>{const words=plain(box.value).split(/\\s+/);
for(const term of terms){const [own,others]=term.children;
const names=plain(own.textContent+" "+others.textContent);
term.hidden=!words.every(word=>names.includes(word));}
for(const f of document.querySelectorAll(".family"))
f.hidden=![...f.querySelectorAll(".term")].some(t=>!t.hidden);});
"""


def glossary_text(suffix: str, lang: str = "en") -> str:
    """The glossary as the file of that ending holds it: `.html` or `.md`.

    >>> glossary_text(".md").splitlines()[0]
    '# What each KPI means'

    Raises InputError for another ending.
    """
    if suffix.lower() in (".html", ".htm"):
        return glossary_page(lang)
    if suffix.lower() == ".md":
        return glossary_markdown(lang)
    raise InputError(f"a glossary ends in .html or .md, not {suffix!r}; choose one of them")


def glossary_page(lang: str = "en") -> str:
    """One page that opens anywhere and loads nothing: a box to search in, and every entry."""
    title, hint = escape(TITLE.of(lang)), escape(SEARCH.of(lang))
    return (
        f'<!doctype html><html lang="{html_language(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>"
        f'<input id="search" type="search" aria-label="{hint}" placeholder="{hint}">'
        f"{glossary_body(lang)}</main><script>{SCRIPT}</script></body></html>\n"
    )


def glossary_body(lang: str = "en") -> str:
    """Every entry as HTML, family by family, each with its id as anchor; for a page of any style.

    Shapes: sections of class `family`, in them articles of class `term` with `id`, begun with the
    name; its other names and the id stand in a paragraph of class `names`.
    """
    found = []
    for family, entries in _families().items():
        terms = "".join(_term(said, lang) for said in entries)
        name = escape(family_name(family, lang))
        found.append(
            f'<section class="family" id="family-{family}"><h2>{name}</h2>{terms}</section>'
        )
    texts = [
        {"number": number, "lang": language, "title": title}
        for number, (language, title) in enumerate(TEXTS)
    ]
    found.append(
        f'<section class="family"><h2 id="texts">{escape(THE_TEXTS.of(lang))}</h2>'
        f"{texts_html(texts, lang)}</section>"
    )
    return "".join(found)


def glossary_families(lang: str = "en") -> list[tuple[str, str]]:
    """Anchor and name of each section of `glossary_body`, for a list of contents.

    >>> glossary_families()[0]
    ('family-sales', 'Sales')
    """
    found = [(f"family-{family}", family_name(family, lang)) for family in _families()]
    return [*found, ("texts", THE_TEXTS.of(lang))]


def _families() -> dict[str, list[Any]]:
    families: dict[str, list[Any]] = {}
    for kpi_id, one in catalogue().items():
        families.setdefault(one.family, []).append(explain(kpi_id))
    return families


def _term(explained: Any, lang: str) -> str:
    said = explained.to_dict(lang)
    others = [one for one in LANGUAGES if one != lang]
    parts = "".join(
        f"<h4>{escape(heading(key, said, lang))}</h4>{inner}"
        for key, inner in parts_html(said, lang, "#{id}")
        if inner and key not in LEFT_OUT
    )
    return (
        f'<article class="term" id="{said["id"]}"><h3>{escape(said["name"][lang])}</h3>'
        f'<p class="names">{names_html(said["name"], others)} '
        f"<code>{said['id']}</code></p>"
        f'<p class="asks">{escape(said["asks"])}</p><p>{said_html(said["summary"])}</p>{parts}'
        "</article>"
    )


def glossary_markdown(lang: str = "en") -> str:
    """The same as one Markdown file with anchors."""
    lines = [f"# {TITLE.of(lang)}"]
    for family, entries in _families().items():
        lines += ["", f"## {family_name(family, lang)}"]
        for explained in entries:
            lines += ["", *_lines(explained.to_dict(lang), lang)]
    return "\n".join(lines) + "\n"


def _lines(said: dict[str, Any], lang: str) -> list[str]:
    def part(key: str, texts: list[str]) -> list[str]:
        head = f"**{heading(key, said, lang)}**"
        return ["", head, "", *(f"- {text}" for text in texts)] if texts else []

    relatives = [f"[{one['name']}](#{one['id']}): {one['differs']}" for one in said["relatives"]]
    return [
        f'<a id="{said["id"]}"></a>',
        f"### {said['name'][lang]} (`{said['id']}`)",
        "",
        f"**{said['asks']}** {said['summary']}",
        "",
        f"$${said['formula']}$$",
        *part("decides", [said["decides"]]),
        *part("mistakes", said["mistakes"]),
        *part("relatives", relatives),
        *part("disagreements", said["disagreements"]),
        *part("names", [" · ".join(said["name"][one] for one in LANGUAGES)]),
        *part("sources", sources(said, lang)),
    ]
