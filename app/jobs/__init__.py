"""What runs without a request: the worker."""
