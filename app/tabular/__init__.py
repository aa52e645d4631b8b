"""Reading and writing xlsx, xls and csv: bytes in, typed rows and a verdict per row out.

A file is refused whole (`RuleError`) when it cannot be trusted or understood: too large, packed to
explode, of another type than its name says, without the header we need. Everything else is said of
the row it concerns. Nothing here touches the database, the clock or the network.
"""

from app.tabular import kinds as kinds
