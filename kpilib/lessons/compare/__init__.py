"""One month under every named definition of a thing, and which definition gives a number.

`facts` holds what definitions count in; `retention`, `purchases` and `contacts` are the named
definitions; `comparison` puts them beside each other; `variations` and `reconcile` search them.
"""
