"""The choices printed beside a number: the lapse window, the loyalty rule, the length of a term."""

from typing import TYPE_CHECKING

from kpilib.periods import day_date
from kpilib.words import MODEL_TITLES, Text, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business
    from kpilib.periods import Period

_WINDOW_METHODS = {
    "given": _("as set"),
    "gaps": _("the 90th percentile of the gaps between purchases"),
    "returns": _("the 90th percentile of the gaps of customers who return, as too few do"),
    "default": _("a year, as nobody has bought twice"),
}


def activity_note(base: "Business") -> Text:
    """What makes a customer active: a contract, or a purchase within the lapse window."""
    if base.activity_rule == "subscriptions":
        return _("active: a contract is running")
    days, how = base.lapse_window.days, _WINDOW_METHODS[base.lapse_window.method]
    return Text(
        en=f"active: a purchase within {days} days ({how.en})",
        vi=f"đang hoạt động: có mua trong vòng {days} ngày ({how.vi})",
        zh=f"活跃：{days} 天内有购买（{how.zh}）",
    )


def history_note(base: "Business", period: "Period") -> Text | None:
    """What a period so early in the records cannot know, or None where it is late enough.

    Customers from before the records are not seen, and within one lapse window of their beginning
    no customer can have lapsed.
    """
    if base.activity_rule == "subscriptions":
        return None
    begins = base.first_day + base.lapse_window.days
    if period.start_day > begins:
        return None
    first, then = day_date(base.first_day), day_date(begins)
    return Text(
        en=f"the records begin on {first}: earlier customers are not seen, and none can lapse "
        f"before {then}",
        vi=f"dữ liệu bắt đầu từ {first}: không thấy khách trước đó, và chưa ai có thể rời bỏ trước "
        f"{then}",
        zh=f"数据始于 {first}：看不到更早的客户，且 {then} 之前不可能有客户流失",
    )


def loyalty_note(base: "Business") -> Text:
    """The loyalty rule in words."""
    rule = base.settings.loyalty
    return Text(
        en=f"loyal: purchases on at least {rule.purchases} days within {rule.days} days",
        vi=f"trung thành: mua vào ít nhất {rule.purchases} ngày trong {rule.days} ngày",
        zh=f"忠诚：{rule.days} 天内至少有 {rule.purchases} 个购买日",
    )


PURCHASE_NOTE = _("a purchase is a day on which the customer bought, however many orders it had")

FIRST_INCLUDED_NOTE = _(
    "the first purchase counts; time counts from it on, while the customer is active"
)


def horizon_note(days: int) -> Text:
    """How far a restricted mean reaches; means over other horizons do not compare with it."""
    return Text(
        en=f"within the first {days} days, the longest time observed; it grows with the records",
        vi=f"trong {days} ngày đầu, khoảng quan sát dài nhất; tăng dần theo dữ liệu",
        zh=f"限于前 {days} 天，即最长观察期；随数据增加而变长",
    )


def days_note(days: int) -> Text:
    """How long first-time buyers are given to come back."""
    return Text(
        en=f"lost: no second purchase within {days} days; buyers watched for less are left out",
        vi=f"mất: không mua lần hai trong {days} ngày; khách chưa theo dõi đủ lâu thì không tính",
        zh=f"流失：{days} 天内没有第二次购买；观察期不足者不计",
    )


def tenure_note(months: int) -> Text:
    """How long a customer must have been one to count as long-standing."""
    return Text(
        en=f"long-term: first active at least {months} months before the period closes",
        vi=f"lâu năm: bắt đầu ít nhất {months} tháng trước khi kỳ kết thúc",
        zh=f"长期：期末时成为客户至少 {months} 个月",
    )


def value_note(base: "Business", model: str) -> Text:
    """By which model, how far ahead, of what and at which rate the value to come is reckoned."""
    rule, name = base.settings.value, MODEL_TITLES[model]
    name += "" if model == "SBG" else f" + {MODEL_TITLES['GammaGamma']}"
    kept, rate = _kept(base), f"{100 * rule.discount_rate:g}"
    return Text(
        en=f"{name}, {rule.months} months ahead, {kept.en}, discounted at {rate} % a year; limits "
        "of the parameters",
        vi=f"{name}, {rule.months} tháng tới, {kept.vi}, chiết khấu {rate} %/năm; khoảng theo tham "
        "số",
        zh=f"{name} 模型，未来 {rule.months} 个月，{kept.zh}，年贴现率 {rate}%；"
        "区间反映参数不确定性",
    )


def profit_note(base: "Business") -> Text:
    """How the profit of a lifetime is reckoned."""
    rule, kept = base.settings.value, _kept(base)
    rate = f"{100 * rule.discount_rate:g}"
    return Text(
        en=f"{rule.months} months from the first purchase, {kept.en} less the costs of customers, "
        f"discounted at {rate} % a year, money coming evenly",
        vi=f"{rule.months} tháng từ lần mua đầu, {kept.vi} trừ chi phí khách hàng, chiết khấu "
        f"{rate} %/năm, tiền về đều",
        zh=f"自首购起 {rule.months} 个月，{kept.zh}减客户成本，年贴现率 {rate}%，现金流均匀",
    )


def _kept(base: "Business") -> Text:
    share = 100 * base.settings.value.margin
    if share == 100:
        return _("revenue")
    return Text(en=f"{share:g} % of revenue", vi=f"{share:g} % doanh thu", zh=f"收入的 {share:g}%")
