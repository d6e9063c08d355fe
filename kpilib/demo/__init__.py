"""Small businesses to try things on: a shop of a dozen orders, and generated ones of any size.

`tiny_shop()` fits into the head. `write_business(Model(customers=…), folder)`, or `kpilib demo DIR`
on the command line, makes a whole business with every source table, and `kpilib.open("demo")` opens
the one that comes with kpilib: `Model()` as it stands, a seller of coffee and tea with 5,000
customers from November 2023 to October 2026.

How it is made, from `Model`, a frozen dataclass in which every true parameter is written down:

- Spend on each channel wavers about the season from week to week; customers come by the channel
  some days later. Each gets a purchase rate and a chance of leaving (BG/NBD, in days of average
  demand), a mean order size (Gamma-Gamma), and an opinion θ tied to the chance of staying. The
  channel multiplies the rate and the odds of leaving, as in `kpilib.clv.fit_with_covariates`.
- Purchases follow; who leaves has a reason. Bad service shows before purchases stop: a complaint,
  a slow answer, low scores. The other reasons show in the aspect that they are about.
- Campaigns draw customers by how long ago they bought and hold some back; being reached makes a
  known share buy. Invitations go out from those who bought lately and think well of it.
- Contracts, visits, e-mail, surveys, tickets and costs follow from these. Tickets are answered in
  the open hours of two desks, one of them where clocks change.
- At last the records are spoilt: second records and test accounts, gaps and errors in columns of
  customers, orders that came late, and faulty rows of thirty kinds, which are copies of good ones.

`truth.json` holds the model, what chance made of it (`counts`), each campaign's true effect on
purchases within 30 days, and for each kind of row that loading leaves out how many there are and
what the account calls it. Every part draws from a stream of random numbers of its own, so that a
scenario, `replace(Model(), shocks=(Shock(…),))`, changes what follows from it and nothing else.
The same model gives the same rows on every machine, in CSV byte for byte.

Customers are made 50,000 at a time, and whoever invites comes from the same lot. 5,000 take two
CPU-seconds, a million 95, in 600 MB of memory and 400 MB of Parquet.

Stands on top of `questions`; nothing below imports it (`kpilib.sources` reads the files).
"""

from kpilib.demo.model import Model, Shock
from kpilib.demo.tiny import tiny_orders, tiny_shop, tiny_tables
from kpilib.demo.write import business, write_business

__all__ = [
    "Model",
    "Shock",
    "business",
    "tiny_orders",
    "tiny_shop",
    "tiny_tables",
    "write_business",
]
