"""A business in which one thing went wrong, the task to find it, and the truth in a sealed file.

`scenarios` draws what went wrong; `seal` keeps the truth so that it can be scored and not read;
`write` makes the folder, `score` holds an answer against it.
"""
