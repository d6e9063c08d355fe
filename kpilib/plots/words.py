"""The words of the pictures, in the three languages."""

from typing import TYPE_CHECKING, Any

from kpilib.words import Text, Unit, format_number, format_value
from kpilib.words.columns import COLUMNS, VALUES

if TYPE_CHECKING:
    import pandas as pd

UNITS = {
    "day": Text(en="day", vi="ngày", zh="天"),
    "week": Text(en="week", vi="tuần", zh="周"),
    "month": Text(en="month", vi="tháng", zh="月"),
    "quarter": Text(en="quarter", vi="quý", zh="季度"),
    "age": Text(en="age", vi="tuổi", zh="期"),
}
MEASURES = {
    "retention": Text(en="Retention", vi="Tỷ lệ giữ chân", zh="留存率"),
    "rolling": Text(en="Seen then or later", vi="Còn quay lại sau đó", zh="滚动留存率"),
    "kept": Text(en="Kept from the age before", vi="Giữ được so với kỳ trước", zh="环比留存率"),
    "customers": Text(en="Customers", vi="Khách hàng", zh="客户数"),
    "orders": Text(en="Orders", vi="Đơn hàng", zh="订单数"),
    "revenue": Text(en="Revenue", vi="Doanh thu", zh="收入"),
    "margin": Text(en="Margin", vi="Lợi nhuận gộp", zh="毛利"),
    "value": Text(en="Revenue per customer", vi="Doanh thu mỗi khách", zh="客均收入"),
    "cumulative_value": Text(
        en="Cumulative revenue per customer", vi="Doanh thu lũy kế mỗi khách", zh="累计客均收入"
    ),
    "cumulative_margin": Text(
        en="Cumulative margin per customer", vi="Lợi nhuận lũy kế mỗi khách", zh="累计客均毛利"
    ),
}
SHARES = ("retention", "rolling", "kept")
AVERAGE = Text(en="average", vi="trung bình", zh="平均")
RUNNING = Text(en="hatched: not over yet", vi="gạch chéo: chưa kết thúc", zh="斜线：尚未结束")
CUSTOMERS = Text(en="customers", vi="khách hàng", zh="客户")
MONEY = COLUMNS["money"]
REPEATS = Text(en="repeat purchases", vi="số lần mua lại", zh="重复购买次数")
MEDIAN = Text(en="median", vi="trung vị", zh="中位数")
STATES = {
    "none": Text(en="not yet customers", vi="chưa là khách", zh="尚非客户"),
    "active": Text(en="active", vi="đang hoạt động", zh="活跃"),
    "lapsed": Text(en="lapsed", vi="đã rời bỏ", zh="流失"),
    "absent": Text(en="absent", vi="vắng mặt", zh="未购买"),
    **{state: COLUMNS[state] for state in ("new", "reactivated", "lost", "closing")},
}
WINDOWS = {
    **{window: VALUES[window] for window in ("half", "chosen", "double")},
    "contract": Text(en="by contract", vi="theo hợp đồng", zh="按合同"),
}


def rows(table: "pd.DataFrame") -> list[Any]:
    """The rows of a table, their columns as attributes."""
    return list(table.itertuples())


def say(text: Text, lang: str, **values: Any) -> str:
    """The wording in one language, its `{names}` filled in."""
    return text.of(lang).format(**values)


def share(value: float, lang: str) -> str:
    """A share as a percentage.

    >>> share(0.0512, "en"), share(0.0512, "vi")
    ('5.1%', '5,1%')
    """
    return format_value(value, Unit.SHARE, lang)


def count(value: float, lang: str) -> str:
    """A whole number with its separators."""
    return format_number(round(value), lang)


def money(value: float, lang: str, currency: str | None) -> str:
    """An amount of money; without cents from a thousand up.

    >>> money(12.5, "en", "GBP"), money(2158.48, "en", "GBP"), money(2158.48, "vi", "GBP")
    ('£12.50', '£2,158', '2.158\xa0£')
    """
    if abs(value) >= 1000:
        return round_money(value, lang, currency)
    return format_value(value, Unit.MONEY, lang, currency)


def round_money(value: float, lang: str, currency: str | None) -> str:
    """An amount for the tick of an axis: without cents, unless it has some.

    >>> [round_money(value, "en", "GBP") for value in (50.0, 0.5, 10_000)]
    ['£50', '£0.50', '£10,000']
    """
    if abs(value) < 1000 and value != round(value):
        return format_value(value, Unit.MONEY, lang, currency)
    if currency is None:
        return format_number(value, lang)
    whole = format_value(round(value), Unit.MONEY, lang, currency)
    return whole.replace(format_number(0, lang, 2)[1:], "")


def short(value: float, lang: str = "en") -> str:
    """A number in at most four characters or so, for the cells of a picture.

    >>> [short(value) for value in (0.123, 4.56, 45.6, 1234, 45600, 1_230_000)]
    ['0.12', '4.6', '46', '1.2k', '46k', '1.2M']
    """
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            scaled = value / size
            return format_number(scaled, lang, 1 if abs(scaled) < 9.95 else 0) + suffix
    if value == round(value) or abs(value) >= 9.95:
        return format_number(value, lang)
    return format_number(value, lang, 1 if abs(value) >= 0.995 else 2)
