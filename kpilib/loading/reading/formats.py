"""The ways in which people write dates, clocks and zones, and what some texts show of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kpilib.loading.reading.zones import NAMED, ZONE, ZONED

_HOUR = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_HALF = r"(?:0?[1-9]|1[0-2]):[0-5][0-9]"
_SECOND = ":[0-5][0-9]"
_NOON = "[AaPp][Mm]"

_BODIES = (
    (_HOUR, "%H:%M"),
    (f"{_HOUR}{_SECOND}", "%H:%M:%S"),
    (f"{_HALF} {_NOON}", "%I:%M %p"),
    (f"{_HALF}{_NOON}", "%I:%M%p"),
    (f"{_HALF}{_SECOND} {_NOON}", "%I:%M:%S %p"),
    (f"{_HALF}{_SECOND}{_NOON}", "%I:%M:%S%p"),
    (f"{_NOON} {_HALF}", "%p %I:%M"),
    (f"{_NOON} {_HALF}{_SECOND}", "%p %I:%M:%S"),
)

CLOCKS = (
    ("", ""),
    *(
        (gap + body, gap + codes)
        for gap in (" ", "T", ", ", " at ", ":")
        for body, codes in _BODIES
    ),
    ("T[0-9]{6}", "T%H%M%S"),
    (" [0-9]{6}", " %H%M%S"),
)
"""How the time of day may be written after a date, and the codes that read it."""

FRACTION = r"(?::[0-9]{2}|T[0-9]{6})[.,][0-9]+"
"""A time of day down to a fraction of a second."""

WEEKDAY = "(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]* +"
CHINESE_WEEKDAY = " *(?:星期|周|週|礼拜)[一二三四五六日天] *"
BRACKETS = r" *(?:\[[^\]]*\]|\([^)]*\))$"
BLANKS = "[\u00a0\u2007\u2009\u202f]"
CALM = (
    (BLANKS, " "),
    (WEEKDAY, ""),
    (CHINESE_WEEKDAY, " "),
    (BRACKETS, ""),
    ("上午 *", "AM "),
    ("下午 *", "PM "),
    (r"(?i)a\.m\.?", "AM"),
    (r"(?i)p\.m\.?", "PM"),
    ("  +", " "),
    ("^ +| +$", ""),
)
"""What is taken out of a text, or put in plain words, before it is read as a time."""

_SHORT, _LONG = "[A-Za-z]{3}", "[A-Za-z]{4,9}"
_ONE, _TWO, _FOUR = "[0-9]{1,2}", "[0-9]{2}", "[0-9]{4}"


@dataclass(frozen=True)
class Way:
    """One way to write a date."""

    pattern: str
    """What it looks like, as a regular expression."""
    codes: tuple[str, ...]
    """The strptime codes that read it; several where the order of day, month, year is open."""
    whole: bool = False
    """Whether the time of day is in it already."""
    month: bool = False
    """Whether it names a month and no day."""


def _both(mark: str, year: str = "%Y") -> tuple[str, str]:
    return f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"


def _short(mark: str) -> tuple[str, str, str]:
    return (*_both(mark, "%y"), f"%y{mark}%m{mark}%d")


WAYS = (
    Way(f"{_FOUR}-{_ONE}-{_ONE}", ("%Y-%m-%d",)),
    Way(f"{_FOUR}/{_ONE}/{_ONE}", ("%Y/%m/%d",)),
    Way(rf"{_FOUR}\.{_ONE}\.{_ONE}", ("%Y.%m.%d",)),
    Way(rf"{_FOUR}\. {_ONE}\. {_ONE}\.?", ("%Y. %m. %d", "%Y. %m. %d.")),
    Way(f"{_FOUR}年{_ONE}月{_ONE}日", ("%Y年%m月%d日",)),
    Way("(?:19|20)[0-9]{6}", ("%Y%m%d",)),
    Way("(?:19|20)[0-9]{12}", ("%Y%m%d%H%M%S",), whole=True),
    Way(f"{_ONE}/{_ONE}/{_FOUR}", _both("/")),
    Way(f"{_ONE}-{_ONE}-{_FOUR}", _both("-")),
    Way(rf"{_ONE}\.{_ONE}\.{_FOUR}", _both(".")),
    Way(f"{_ONE}/{_ONE}/{_TWO}", _short("/")),
    Way(f"{_ONE}-{_ONE}-{_TWO}", _short("-")),
    Way(rf"{_ONE}\.{_ONE}\.{_TWO}", _short(".")),
    Way(f"{_HOUR} {_ONE}/{_ONE}/{_FOUR}", tuple(f"%H:%M {c}" for c in _both("/")), whole=True),
    Way(
        f"{_HOUR}{_SECOND} {_ONE}/{_ONE}/{_FOUR}",
        tuple(f"%H:%M:%S {c}" for c in _both("/")),
        whole=True,
    ),
    *(
        Way(f"{day}{gap}{name}{gap}{year}", (f"%d{gap}{code}{gap}{short}",))
        for gap in (" ", "-", "/")
        for name, code in ((_SHORT, "%b"), (_LONG, "%B"))
        for day, year, short in ((_ONE, _FOUR, "%Y"), (_ONE, _TWO, "%y"))
    ),
    *(
        Way(f"{name} {_ONE}{comma} {_FOUR}", (f"{code} %d{comma} %Y",))
        for comma in (",", "")
        for name, code in ((_SHORT, "%b"), (_LONG, "%B"))
    ),
    Way(f"{_FOUR}-{_SHORT}-{_ONE}", ("%Y-%b-%d",)),
    Way(f"{_SHORT} {_ONE} {_HOUR}{_SECOND} {_FOUR}", ("%b %d %H:%M:%S %Y",), whole=True),
    Way(f"{_ONE} tháng {_ONE} năm {_FOUR}", ("%d tháng %m năm %Y",)),
    Way(f"ngày {_ONE} tháng {_ONE} năm {_FOUR}", ("ngày %d tháng %m năm %Y",)),
    Way(f"Ngày {_ONE} tháng {_ONE} năm {_FOUR}", ("Ngày %d tháng %m năm %Y",)),
    Way(f"{_ONE} tháng {_ONE}, {_FOUR}", ("%d tháng %m, %Y",)),
    Way(f"{_ONE} thg {_ONE}, {_FOUR}", ("%d thg %m, %Y",)),
    Way(f"{_FOUR}-{_ONE}", ("%Y-%m",), whole=True, month=True),
    Way(f"{_FOUR}/{_ONE}", ("%Y/%m",), whole=True, month=True),
    Way(rf"{_FOUR}\.{_ONE}", ("%Y.%m",), whole=True, month=True),
    Way(f"{_ONE}/{_FOUR}", ("%m/%Y",), whole=True, month=True),
    Way(f"{_ONE}-{_FOUR}", ("%m-%Y",), whole=True, month=True),
    Way("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])", ("%Y%m",), whole=True, month=True),
    Way(f"{_FOUR}年{_ONE}月", ("%Y年%m月",), whole=True, month=True),
    *(
        Way(f"{name}{gap}{year}", (f"{code}{gap}{short}",), whole=True, month=True)
        for gap in (" ", "-", "/")
        for name, code in ((_SHORT, "%b"), (_LONG, "%B"))
        for year, short in ((_FOUR, "%Y"), (_TWO, "%y"))
    ),
    *(
        Way(f"{_FOUR}{gap}{name}", (f"%Y{gap}{code}",), whole=True, month=True)
        for gap in (" ", "-")
        for name, code in ((_SHORT, "%b"), (_LONG, "%B"))
    ),
)
"""The ways to write a date that are recognised. No text is of two of them."""

DAYS_OF_MONTH = {"first": ("01",), "last": ("31", "30", "29", "28")}
"""What `day` may say of a month alone → the days to try, the first that there is."""


@dataclass(frozen=True)
class Piece:
    """One way of writing a whole time, and how it is read."""

    shape: str
    """What the text must look like, as a regular expression; empty for any."""
    codes: str
    """The strptime codes that read it."""
    before: str = ""
    """What is put before the text first: the day that a month alone stands for."""


@dataclass
class Seen:
    """The ways of writing dates, clocks and zones that some of a column's texts have shown."""

    ways: set[int] = field(default_factory=set)
    clocks: set[int] = field(default_factory=set)
    zones: set[str] = field(default_factory=set)
    zoned: bool = False
    fraction: bool = False
    untidy: bool = False

    def learn(self, texts: Iterable[str]) -> bool:
        """Take in what more texts show; whether that was anything new."""
        before = self._size
        for written in texts:
            text = calmed(written)
            zone = re.search(ZONE, text) if re.search(ZONED, text) else None
            local = text[: zone.start()] if zone else text
            bare = re.sub("[.,][0-9]+$", "", local) if re.search(f"{FRACTION}$", local) else local
            found = way_of(bare)
            if found is None:
                continue
            way, clock = found
            self.ways.add(way)
            self.clocks.add(clock)
            self.zoned = self.zoned or zone is not None
            self.fraction = self.fraction or bare != local
            self.untidy = self.untidy or text != written
            if zone and re.fullmatch(NAMED, zone[0].strip()):
                self.zones.add(zone[0].strip())
        return before != self._size

    @property
    def _size(self) -> tuple[int, ...]:
        sizes = (len(self.ways), len(self.clocks), len(self.zones))
        return (*sizes, self.zoned, self.fraction, self.untidy)


def calmed(text: str) -> str:
    """A text without weekday, brackets and odd blanks.

    >>> calmed("Fri, 05 Jan 2024 14:05:09 +0000 (UTC)"), calmed("2024/1/5 下午 2:05")
    ('05 Jan 2024 14:05:09 +0000', '2024/1/5 PM 2:05')
    """
    for pattern, plain in CALM:
        text = re.sub(pattern, plain, text)
    return text


def way_of(text: str) -> tuple[int, int] | None:
    """The place of the way and of the clock of a time without zone and fraction, if it is one.

    >>> way, clock = way_of("Jan 5, 2024, 2:05 PM")
    >>> WAYS[way].codes[0] + CLOCKS[clock][1]
    '%b %d, %Y, %I:%M %p'
    """
    for place, way in enumerate(WAYS):
        start = re.match(way.pattern, text)
        if start is None:
            continue
        tail = text[start.end() :]
        if way.whole:
            if not tail:
                return place, 0
            continue
        for clock, (pattern, _) in enumerate(CLOCKS):
            if re.fullmatch(pattern, tail):
                return place, clock
    return None


def pieces(way: Way, codes: str, clocks: Iterable[int], day: str | int | None) -> tuple[Piece, ...]:
    """How texts of one way are read, with any of these clocks behind the date."""
    if way.month:
        days = DAYS_OF_MONTH["first"] if day is None else DAYS_OF_MONTH.get(str(day), (str(day),))
        return tuple(Piece(f"^{way.pattern}$", f"%d {codes}", f"{one} ") for one in days)
    if way.whole:
        return (Piece(f"^{way.pattern}$", codes),)
    return tuple(
        Piece(f"^{way.pattern}{CLOCKS[clock][0]}$", codes + CLOCKS[clock][1])
        for clock in sorted(clocks)
    )
