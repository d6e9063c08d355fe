"""Purchases and contracts to come turned into money: per customer, segment and business.

May import `clv.expected`.
"""
