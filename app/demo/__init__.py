"""The demo year: real-looking data, and the walk through it over HTTP. Never used in production."""
