"""What customers say, who says it, and what goes with it.

May import what `analyses` may; each module declares analyses, and is loaded with the room.
"""

from kpilib.analyses.voice import key_drivers, links, loyalty_weights, nonresponse

__all__ = ["key_drivers", "links", "loyalty_weights", "nonresponse"]
