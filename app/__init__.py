"""Sunlot (阳光抽查): double-random, one-public supervision as a service that anyone can check.

The map, from the top of the imports down (`.importlinter` holds every module to its layer):
`__main__` the command line; `demo` the demo year; `main` the composition root, `serving` uvicorn;
`openapi`, `routers`, `jobs` and `middleware`; `deps` what routes depend on; `problems` every error
body, `public_cache` validators of public pages; `schemas` wire shapes beside `services` use cases;
`security` and `tabular`; `storage` every SQL statement, `migrate`, `local_postgres`; `models`;
and, importing nothing of the service, `domain`, `settings`, `reference`, `clock` and `logs`.
"""
