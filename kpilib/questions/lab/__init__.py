"""What a base says of itself in JupyterLab: what can be asked of it, and what it is made of.

May import what `questions` may.
"""
