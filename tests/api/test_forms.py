"""What comes in is what the document says: days, numbers, flags, lists, queries, methods."""
