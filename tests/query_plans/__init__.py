"""Plans of queries on a library of 300,000 objects."""
