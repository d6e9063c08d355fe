"""Pages: from the outputs of an executed notebook to HTML that stands alone.

May import `show`; executes nothing.
"""
