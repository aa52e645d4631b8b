"""Use cases: one public method is one unit of work. No HTTP, no wire shapes, no SQL."""
