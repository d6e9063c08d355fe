"""`kpilib compare TOPIC`: one month under every definition that goes by one name."""

import click

from kpilib.cli._options import (
    check_period,
    data_option,
    json_option,
    lang_option,
    period_option,
    print_json,
)


@click.command()
@click.argument("topic", metavar="TOPIC")
@data_option
@period_option
@lang_option
@json_option
def compare(topic: str, data: str, period: str | None, lang: str, as_json: bool) -> None:
    """Print one month under every named definition of TOPIC, with the customers that differ.

    TOPIC is one of retention, churn, clv, repurchase, loyalty, response, complaints, csat,
    acquisition, customers.
    """
    import kpilib
    from kpilib.lessons.compare.comparison import compare as compare_all
    from kpilib.lessons.compare.topics import topic as known

    known(topic)
    check_period(period)
    found = compare_all(topic, kpilib.open(data, lang=lang), period)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(str(found))
