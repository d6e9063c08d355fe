"""Surveys: satisfaction after orders, recommendation by the month, effort after tickets."""

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.parts.buying import Purchases
from kpilib.demo.parts.people import People
from kpilib.demo.parts.tickets import Tickets
from kpilib.demo.rows import Rows, Words, by_time, count, stack, take

SURVEYS = ("csat", "nps", "ces")
REMARKS = (
    "Giao hàng nhanh, cảm ơn!",
    "Chờ trả lời quá lâu",
    "包装很好，会再买",
    "客服回复太慢",
    "Good coffee, thank you",
    "Too expensive for what it is",
)


def surveys(
    calendar: Calendar,
    people: People,
    made: Purchases,
    ordered: Rows,
    tickets: Tickets,
    rng: np.random.Generator,
    first_ids: tuple[int, int],
) -> tuple[Rows, Rows]:
    """The tables `survey_invitations` and `survey_responses`."""
    sent = stack(
        [
            _after_orders(calendar, ordered, rng),
            _by_round(calendar, people, made, rng),
            _after_tickets(calendar, people, tickets, rng),
        ]
    )
    sent = take(sent, (np.asarray(sent["second"]) < calendar.days * DAY))
    sent = by_time(_once(sent), "second", "customer")
    invitations: Rows = {
        "invitation_id": first_ids[0] + np.arange(count(sent)),
        "customer_id": np.asarray(sent["customer"]),
        "survey": sent["survey"],
        "wave": sent["wave"],
        "sent_at": calendar.times(np.asarray(sent["second"])),
    }
    answered = _answered(calendar, people, sent, rng)
    rows = _answers(calendar, people, made, answered, rng)
    rows = by_time(rows, "responded_at", "customer_id")
    return invitations, {"response_id": first_ids[1] + np.arange(count(rows)), **rows}


def _invited(
    calendar: Calendar, customer: np.ndarray, second: np.ndarray, code: int, effort: np.ndarray
) -> Rows:
    day = np.clip(second // DAY, 0, calendar.days - 1)
    labels = tuple(str(month) for month in np.unique(calendar.dates.astype("datetime64[M]")))
    return {
        "customer": customer,
        "second": second,
        "survey": Words(np.full(len(customer), code), SURVEYS),
        "wave": Words(calendar.month[day], labels),
        "effort": effort,
    }


def _after_orders(calendar: Calendar, ordered: Rows, rng: np.random.Generator) -> Rows:
    second = np.asarray(ordered["second"])
    asked = rng.random(len(second)) < calendar.model.opinion.invited
    at = second[asked] + rng.integers(2 * DAY, 4 * DAY, asked.sum())
    none = np.zeros(len(at))
    return _invited(calendar, np.asarray(ordered["customer"])[asked], at, 0, none)


def _by_round(
    calendar: Calendar, people: People, made: Purchases, rng: np.random.Generator
) -> Rows:
    """Some of those who bought in the half year before, asked on the tenth of a month."""
    who, when = [np.zeros(0, int)], [np.zeros(0, int)]
    step, share = calendar.model.opinion.nps_every, calendar.model.opinion.nps_share
    last_month = int(calendar.month[-1])
    for month in range(last_month % step, last_month + 1, step):
        days = np.flatnonzero(calendar.month == month)
        if len(days) < 10:
            continue
        at = int(days[9]) * DAY + 9 * 3600
        lately = (made.second < at) & (made.second >= at - 180 * DAY)
        known = np.unique(made.customer[lately])
        drawn = known[people.reachable[known] & (rng.random(len(known)) < share)]
        who.append(drawn)
        when.append(at + rng.integers(0, 7200, len(drawn)))
    customer, second = np.concatenate(who), np.concatenate(when)
    return _invited(calendar, customer, second, 1, np.zeros(len(second)))


def _after_tickets(
    calendar: Calendar, people: People, tickets: Tickets, rng: np.random.Generator
) -> Rows:
    """Everyone whose ticket was solved, an hour later; long waits were an effort."""
    asked = (tickets.solved >= 0) & people.reachable[tickets.customer]
    effort = np.log(np.maximum(tickets.hours[asked], 0.05) / 3.0)
    at = tickets.solved[asked] + 3600
    return _invited(calendar, tickets.customer[asked], at, 2, effort)


def _once(sent: Rows) -> Rows:
    """At most one invitation per customer, survey and round: the first."""
    survey, wave = sent["survey"], sent["wave"]
    assert isinstance(survey, Words) and isinstance(wave, Words)
    keys = (np.asarray(sent["second"]), wave.codes, survey.codes, np.asarray(sent["customer"]))
    order = np.lexsort(keys)
    same = np.zeros(len(order), bool)
    if len(order) > 1:
        same[1:] = np.all([key[order][1:] == key[order][:-1] for key in keys[1:]], axis=0)
    return take(sent, order[~same])


def _answered(calendar: Calendar, people: People, sent: Rows, rng: np.random.Generator) -> Rows:
    """Those who answer, and when."""
    opinion, size = calendar.model.opinion, count(sent)
    who, second = np.asarray(sent["customer"]), np.asarray(sent["second"])
    odds = opinion.answers + opinion.answers_more * people.theta[who]
    answers = rng.random(size) < 1 / (1 + np.exp(-odds))
    at = second + 120 + (rng.exponential(2.5, size) * DAY).astype(int)
    kept = answers & (at < calendar.days * DAY)
    return take({**sent, "at": at}, kept)


def _answers(
    calendar: Calendar, people: People, made: Purchases, sent: Rows, rng: np.random.Generator
) -> Rows:
    """A row per question answered."""
    survey = sent["survey"]
    assert isinstance(survey, Words)
    mood = _mood(calendar, people, made, sent, rng)
    first, nps, ces = (take({**sent, "mood": mood}, survey.codes == code) for code in range(3))
    steps = np.round(7.7 + 1.7 * np.asarray(nps["mood"]))
    ease = 5.2 - 0.7 * np.asarray(ces["effort"]) + 0.5 * np.asarray(ces["mood"])
    parts = [
        *_satisfaction(calendar, made, first, rng),
        _question(calendar, nps, "recommend", steps, (0, 10), rng),
        _question(calendar, ces, "effort", np.round(ease), (1, 7), rng),
    ]
    return stack(parts)


def _mood(
    calendar: Calendar, people: People, made: Purchases, sent: Rows, rng: np.random.Generator
) -> np.ndarray:
    """What a customer feels when asked: θ, less where a bad experience is fresh, and noise."""
    opinion = calendar.model.opinion
    who, second = np.asarray(sent["customer"]), np.asarray(sent["second"])
    span = (calendar.days + 400) * DAY
    marks = np.sort(made.customer[made.bad] * span + made.second[made.bad])
    here = who * span + second
    before = np.searchsorted(marks, here, side="right") - 1
    marks = np.append(marks, -span)  # the last one stands for no bad experience
    ago = here - marks[before]
    sore = ago <= opinion.sore * DAY
    noise = opinion.noise * rng.standard_normal(len(who))
    return people.theta[who] - opinion.drop * sore + noise


def _satisfaction(
    calendar: Calendar, made: Purchases, sent: Rows, rng: np.random.Generator
) -> list[Rows]:
    """The aspects, the overall answer they add up to, and the intention to buy again."""
    opinion, reasons = calendar.model.opinion, calendar.model.reasons
    who, mood = np.asarray(sent["customer"]), np.asarray(sent["mood"])
    near = made.gone[who] & (np.asarray(sent["second"]) >= made.last[who])
    parts, overall = [], np.zeros(len(who))
    for aspect, weight in opinion.aspects:
        guilty = [place for place, reason in enumerate(reasons) if reason.aspect == aspect]
        hurt = 1.2 * (near & np.isin(made.reason[who], guilty))
        felt = 0.75 * mood + 0.8 * rng.standard_normal(len(who)) - hurt
        score = np.clip(np.round(3.9 + 0.85 * felt), 1, 5)
        overall = overall + weight * score
        asked = rng.random(len(who)) < 0.93
        parts.append(_question(calendar, take(sent, asked), aspect, score[asked], (1, 5), rng))
    whole = np.round(overall + 0.3 * rng.standard_normal(len(who)))
    again = np.round(3.8 + 0.8 * mood - 0.9 * near + 0.4 * rng.standard_normal(len(who)))
    return [
        _question(calendar, sent, "overall", whole, (1, 5), rng),
        *parts,
        _question(calendar, sent, "repurchase", again, (1, 5), rng),
    ]


def _question(
    calendar: Calendar,
    sent: Rows,
    question: str,
    score: np.ndarray,
    scale: tuple[int, int],
    rng: np.random.Generator,
) -> Rows:
    opinion, size = calendar.model.opinion, count(sent)
    wordless = rng.random(size) < opinion.wordless
    remark = np.where(wordless | (rng.random(size) < 0.02), rng.integers(0, len(REMARKS), size), -1)
    nameless = rng.random(size) < opinion.nameless
    return {
        "customer_id": np.where(nameless, -1, np.asarray(sent["customer"])),
        "survey": sent["survey"],
        "wave": sent["wave"],
        "question": Words.same(question, size),
        "sent_at": calendar.times(np.asarray(sent["second"])),
        "responded_at": calendar.times(np.asarray(sent["at"])),
        "score": np.where(wordless, np.nan, np.clip(score, *scale)),
        "scale_min": np.full(size, float(scale[0])),
        "scale_max": np.full(size, float(scale[1])),
        "comment": Words(remark, REMARKS),
    }
