"""Every SQL statement of the service; returns ORM rows or frozen read rows.

No statement here is without a scope unless its docstring says why.
"""
