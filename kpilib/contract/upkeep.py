"""Tables about the records themselves: deliveries, audits, rules, targets."""

from kpilib.contract.schema import CUSTOMER, Schema, number_column, text_column, time_column

UPKEEP = (
    Schema(
        "load_log",
        "One delivery of one table.",
        (
            text_column("table", "The table that was delivered.", required=True),
            time_column("loaded_at", "When it came in.", required=True),
            time_column("max_event_at", "The latest event in it."),
            number_column("rows", "How many rows came."),
        ),
        event="loaded_at",
    ),
    Schema(
        "audit_sample",
        "One recorded value that was checked against the truth.",
        (
            CUSTOMER,
            text_column("column", "The column that was checked.", required=True),
            text_column("recorded", "What the records say."),
            text_column("verified", "What turned out to be true."),
        ),
    ),
    Schema(
        "rules",
        "One rule that a column of the records must satisfy.",
        (
            text_column("table", "The table it is about.", required=True),
            text_column("column", "The column it is about.", required=True),
            text_column("rule", "What must hold.", required=True),
            text_column("severity", "How bad it is if it does not."),
        ),
    ),
    Schema(
        "targets",
        "What the business wants a KPI to be.",
        (
            text_column("kpi_id", "The KPI.", required=True),
            text_column("segment", "The segment; missing means the whole."),
            text_column("period", "The period, as kpilib writes it; missing means every one."),
            number_column("target", "The value to reach, in the KPI's own unit.", required=True),
            number_column("warn", "The value at which to warn."),
            text_column("owner", "Who answers for it."),
            time_column("approved_at", "When it was agreed."),
        ),
    ),
)
