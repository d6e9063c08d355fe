"""What a base said when it was asked, kept, and why it says something else now.

May import what `questions` may.
"""
