"""What passes between customers and the business besides purchases, as KPIs read it.

Spend and the channels customers came by, answers to surveys, visits and messages, referrals. May
import `activity`; every function takes a `Business`.
"""
