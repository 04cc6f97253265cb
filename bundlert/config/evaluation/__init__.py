"""A `$` expression becomes a value: parsed, checked against what is listed, evaluated within budgets.

Promises: an expression names only what `allowed` lists, reads only attributes of listed kinds, and ends. Reading order:
holes, expressions, names, allowed, functions, sealed, budget, evaluate, closure.
"""
