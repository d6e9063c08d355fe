"""Fill the catalogues of `kpilib/locale/` from the code: `python .ci/messages.py`.

What is new gets an entry with an empty translation, what is no more is dropped, what stands there
stays as it is; nothing is guessed. `--check` changes nothing and exits with 1 where a catalogue
would change or lacks a translation. `--merge`, in the middle of a merge or a rebase that stopped
at a catalogue, joins both sides entry by entry first.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

KEYWORDS = {
    "_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
HEADER = ("Language:", "MIME-Version", "Content-Type", "Plural-Forms")


Found = tuple[str, "str | tuple[str, ...]", str | None, list[str]]
"""The file a message stands in, the message (or its two forms), its context, comments."""


def collect() -> Catalog:
    """Every message there is, with the files it stands in."""
    found = Catalog(charset="utf-8")
    for place, message, context, comments in (*code(), *templates(), *definitions(), *notebooks()):
        found.add(message, locations=[(place, 1)], context=context, auto_comments=comments)
    return found


def definitions() -> Iterator[Found]:
    """What the docstrings of KPIs and analyses say first, and the words of formulas."""
    from kpilib.lessons.knowledge import all_knowledge
    from kpilib.registry import analyses, registry
    from kpilib.words.prose import formula_words

    for one in (*registry().values(), *analyses().values()):
        place = Path(one.function.__code__.co_filename).relative_to(ROOT).as_posix()
        yield place, one.summary.message, None, []
        for words in formula_words(getattr(one, "formula", "")):
            yield place, words, "formula", []
    for kpi_id, known in all_knowledge().items():
        for words in formula_words(known.formula):
            yield f"kpilib/lessons/knowledge ({kpi_id})", words, "formula", []


def notebooks() -> Iterator[Found]:
    """The headings and paragraphs of the notebooks."""
    from kpilib.words.prose import markdown_texts

    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                for text in markdown_texts("".join(cell["source"])):
                    yield path.relative_to(ROOT).as_posix(), text, None, []


def code() -> Iterator[Found]:
    """What is marked in the code."""
    for path in sorted((ROOT / "kpilib").rglob("*.py")):
        if "notebooks" in path.parts:
            continue
        place = path.relative_to(ROOT).as_posix()
        for _line, message, comments, context in extract_from_file(
            "python",
            path,
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        ):
            yield place, message, context, comments


def templates() -> Iterator[Found]:
    """What is marked in the templates of pages."""
    for path in sorted((ROOT / "kpilib").rglob("templates/*.html")):
        with path.open("rb") as file:
            for _line, _function, message, comments in babel_extract(file, KEYWORDS, (), {}):
                text = message if isinstance(message, str) else message[0]
                yield path.relative_to(ROOT).as_posix(), text, None, comments


def catalogue_paths() -> dict[str, Path]:
    """Language → its catalogue. A folder of `kpilib/locale/` makes a language."""
    folders = sorted((ROOT / "kpilib" / "locale").glob("*/LC_MESSAGES"))
    return {folder.parent.name: folder / "kpilib.po" for folder in folders}


def read(path: Path, lang: str) -> Catalog:
    """The catalogue of a language as it stands, or an empty one."""
    if not path.is_file():
        return Catalog(locale=lang, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=lang, charset="utf-8")


def key(message: Message) -> tuple[str, str | None]:
    """What a message is known by: its English (the singular) and its context."""
    return (message.id if isinstance(message.id, str) else message.id[0]), message.context


def entries(catalog: Catalog) -> dict[tuple[str, str | None], Message]:
    """The messages of a catalogue by key, its header left out."""
    return {key(message): message for message in catalog if message.id}


def is_translated(message: Message) -> bool:
    """Whether every form of a message has a translation that is not a guess."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(forms) and not message.fuzzy


def update(found: Catalog, old: Catalog, lang: str) -> Catalog:
    """The messages found, with the translations there are."""
    known = entries(old)
    new = Catalog(locale=lang, project="kpilib", charset="utf-8")
    for name, message in entries(found).items():
        before = known.get(name)
        same = before is not None and before.id == message.id and not before.fuzzy
        new.add(
            message.id,
            before.string if before is not None and same else "",
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=before.user_comments if before else (),
            context=message.context,
        )
    return new


def dump(catalog: Catalog) -> bytes:
    """A catalogue as a file: sorted, without line numbers and dates, so that merges stay easy."""
    for message in catalog:
        message.flags -= {"python-format"}  # "95 % interval" is none
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, include_lineno=False)
    head, _, rest = buffer.getvalue().decode("utf-8").lstrip().partition("\n\n")
    lines = [line for line in head.splitlines() if not line.startswith("#")]
    kept = [line for line in lines if not line.startswith('"') or line[1:].startswith(HEADER)]
    return ("\n".join(kept) + "\n\n" + rest.rstrip("\n") + "\n").encode("utf-8")


def join(path: Path, lang: str) -> Catalog | None:
    """Both sides of a catalogue in conflict, entry by entry.

    The side that changed a translation wins; of two that did, the one being put on top.
    """
    place = path.relative_to(ROOT).as_posix()
    sides = []
    for stage in (1, 2, 3):
        shown = subprocess.run(["git", "show", f":{stage}:{place}"], cwd=ROOT, capture_output=True)
        if shown.returncode and stage > 1:
            return None
        sides.append(entries(read_po(BytesIO(shown.stdout), locale=lang, charset="utf-8")))
    joined = Catalog(locale=lang, charset="utf-8")
    before, *both_sides = sides
    for name in {**both_sides[0], **both_sides[1]}:
        both = [side[name] for side in reversed(both_sides) if name in side]
        said = [message for message in both if is_translated(message)] or both
        old = before[name].string if name in before else None
        best = next((message for message in said if message.string != old), said[0])
        joined.add(best.id, best.string, context=best.context, user_comments=best.user_comments)
    return joined


def main() -> int:
    """Update the catalogues, or check them."""
    parser = argparse.ArgumentParser(description="Fill the catalogues from the code.")
    parser.add_argument("--check", action="store_true", help="change nothing, say what is wrong")
    parser.add_argument("--merge", action="store_true", help="join both sides of a conflict first")
    asked = parser.parse_args()
    found, wrong = collect(), False
    for lang, path in catalogue_paths().items():
        old = (join(path, lang) if asked.merge else None) or read(path, lang)
        new = update(found, old, lang)
        gone = {name: one for name, one in entries(old).items() if name not in entries(found)}
        left = [one for one in entries(new).values() if not is_translated(one)]
        for (message, _context), one in gone.items():
            print(f"{lang}: gone: {message!r} ({one.string!r})")
        for one in left:
            print(f"{lang}: not translated: {one.id!r}")
        print(f"{lang}: {len(entries(new))} entries, {len(left)} not translated, {len(gone)} gone")
        wrong |= bool(left or gone)
        if not asked.check:
            path.write_bytes(dump(new))
            if asked.merge:
                subprocess.run(["git", "add", str(path)], cwd=ROOT, check=True)
    return int(asked.check and wrong)


if __name__ == "__main__":
    sys.exit(main())
