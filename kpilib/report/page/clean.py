"""HTML from a notebook made fit for a page: nothing loaded, nothing run, tables with scopes."""

import re
from collections.abc import Mapping
from html import escape, unescape
from html.parser import HTMLParser

_DROPPED = {
    "script", "iframe", "object", "embed", "link", "meta", "base", "form", "noscript", "template",
    "audio", "video", "source", "track", "applet", "frame", "frameset", "title", "head",
}  # fmt: skip
_UNWRAPPED = {"html", "body", "input", "button", "select", "textarea"}
_VOID = {"area", "br", "col", "hr", "img", "wbr"}
_LOADING = {"src", "srcset", "poster", "background", "data", "action", "formaction", "ping"}
_LOOKS = {"border", "bgcolor", "align", "valign", "cellpadding", "cellspacing"}
_LOADED = re.compile(r"url\s*\(|@import|expression\s*\(|image-set", re.IGNORECASE)
_NUMBER = re.compile(r"[-−+~≈<>]?\s?[^\w\s]?\s?\d[\d.,\s ]*\s?[^\w\s]?|–|-|nan|<NA>|None|NaN|")
_STYLER = re.compile(r"\bT_[0-9a-f]{5}(?=_|\b)")


def clean_html(source: str, label: str, name: str) -> str:
    """The HTML without whatever loads or runs anything, its tables made readable.

    `label` names the tables to a screen reader; `name` is a prefix, the same in every run, for
    what has a random id. Tables get scopes and scroll by themselves; tags left open are closed.
    """
    cleaner = _Cleaner(label)
    cleaner.feed(_STYLER.sub(f"T_{name}", source))
    cleaner.close()
    return cleaner.finished()


def plain_text(source: str) -> str:
    """Printed text as HTML, without its terminal colours.

    >>> plain_text("<Axes>")
    '&lt;Axes&gt;'
    """
    return escape(without_colours(source), quote=False)


def without_colours(source: str) -> str:
    """Text without the codes that colour it in a terminal."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", source)


class _Cleaner(HTMLParser):
    """Copies what it reads, piece by piece, leaving out what a page must not have."""

    def __init__(self, label: str) -> None:
        super().__init__(convert_charrefs=False)
        self.label = label
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.skipped: list[str] = []
        self.cards = 0
        self.cell: int | None = None
        self.heads: list[int] = []
        self.row: list[bool | None] = []
        self.columns: list[set[bool | None]] = []

    def finished(self) -> str:
        """All that was read, with whatever was left open closed."""
        while self.open:
            self._close(self.open[-1])
        return "".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Copy a tag with the attributes that may stay."""
        if self.skipped:
            if tag == self.skipped[-1]:
                self.skipped.append(tag)
            return
        attributes = {name: value or "" for name, value in attrs}
        dropped = tag in _DROPPED and not (tag == "title" and "svg" in self.open)
        if dropped or (tag == "style" and ("scoped" in attributes or self._in_cards())):
            if tag not in ("link", "meta", "base", "embed", "source", "track", "frame"):
                self.skipped.append(tag)
            return
        if tag in _UNWRAPPED or (tag == "img" and not _embedded(attributes)):
            self.pieces.append(escape(attributes.get("alt", "")) if tag == "img" else "")
            return
        if tag == "table":
            self._open_table()
        self._start(tag, attributes)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        """A tag that closes itself: as it is inside SVG and MathML, else a start and an end."""
        self.handle_starttag(tag, attrs)
        if not self.skipped or self.skipped[-1] == tag:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag that was opened, and what was left open inside it."""
        if self.skipped:
            if tag == self.skipped[-1]:
                self.skipped.pop()
            return
        if tag in self.open and tag not in _VOID:
            while self.open[-1] != tag:
                self._close(self.open[-1])
            self._close(tag)

    def handle_data(self, data: str) -> None:
        """Text stays; a style sheet that would load something does not."""
        if self.skipped or ("style" in self.open and _LOADED.search(data)):
            return
        raw = bool(self.open) and self.open[-1] == "style"
        self.pieces.append(data if raw else plain_text(data))

    def handle_entityref(self, name: str) -> None:
        """A named character stays."""
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """A numbered character stays."""
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if not self.skipped:
            self.pieces.append(text)

    def _in_cards(self) -> bool:
        return self.cards > 0

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        kept = {name: value for name, value in attributes.items() if _harmless(name, value)}
        if tag == "th" and not self._in_cards():
            kept.setdefault("scope", "col" if "thead" in self.open else "row")
        if tag in ("table", "tr") and not self._in_cards():
            kept.pop("style", None)
            kept.pop("class", None)
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        if tag in ("td", "th") and not self._in_cards():
            self._begin_cell(tag)
        self.pieces.append(f"<{tag}{written}>")
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "div" and (self.cards or "kpis" in attributes.get("class", "").split()):
            self.cards += 1

    def _close(self, tag: str) -> None:
        if tag == "td" and self.cell is not None:
            self._end_cell()
        self.open.pop()
        self.pieces.append(f"</{tag}>")
        if tag == "div" and self.cards:
            self.cards -= 1
        if tag == "tr" and self.row:
            self._end_row()
        if tag == "table" and not self._in_cards():
            self._align_heads()
            self.pieces.append("</div>")

    def _open_table(self) -> None:
        if not self._in_cards():
            self.heads, self.row, self.columns = [], [], []
            self.pieces.append(
                f'<div class="table" role="group" tabindex="0" aria-label="{escape(self.label)}">'
            )

    def _begin_cell(self, tag: str) -> None:
        """Remember where a cell starts: a head to be set as its column turns out, a cell now."""
        if "thead" in self.open:
            self.heads.append(len(self.pieces))
        elif tag == "td":
            self.cell = len(self.pieces)
        else:
            self.row.append(None)

    def _end_cell(self) -> None:
        """A cell that holds a number is set as one."""
        assert self.cell is not None
        text = "".join(self.pieces[self.cell + 1 :]).strip()
        number = bool(_NUMBER.fullmatch(unescape(text)))
        self.row.append(number if text else None)
        if number:
            self._set_as_number(self.cell)
        self.cell = None

    def _end_row(self) -> None:
        self.columns = self.columns or [set() for _ in self.row]
        if len(self.columns) == len(self.row):
            for column, number in zip(self.columns, self.row, strict=True):
                column.add(number)
        self.row = []

    def _align_heads(self) -> None:
        """The head of a column of numbers stands over them; a second row of heads likewise."""
        width = len(self.columns)
        if width and len(self.heads) % width == 0:
            for place, head in enumerate(self.heads):
                if self.columns[place % width] - {None} == {True}:
                    self._set_as_number(head)

    def _set_as_number(self, place: int) -> None:
        start = self.pieces[place]
        if "class=" not in start:
            self.pieces[place] = f'{start[:3]} class="num"{start[3:]}'


def _embedded(attributes: Mapping[str, str]) -> bool:
    return attributes.get("src", "").startswith("data:image/")


def _harmless(name: str, value: str) -> bool:
    """Whether an attribute loads nothing, runs nothing and says nothing of looks long gone."""
    if name.startswith("on") or name in _LOOKS:
        return False
    if name in _LOADING or name.startswith("xmlns"):
        return name == "src" and value.startswith("data:image/")
    if name in ("href", "xlink:href"):
        return value.strip().lower().startswith(("#", "http://", "https://", "mailto:")) or (
            ":" not in value.partition("/")[0]
        )
    return not (name == "style" and _LOADED.search(value))
