"""Answers that the processes of one run share, so that each question is asked once.

May import what `questions` may.
"""
