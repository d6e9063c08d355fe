"""What a month hands to others: alerts and a summary, tables, a workbook, an e-mail.

May import the rest of `report` but its runs. No text of the data ever acts: a name that a
spreadsheet would take for a formula, or a mark that turns the direction of writing, is text.
"""
