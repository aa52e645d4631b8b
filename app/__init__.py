"""Sunlot (阳光抽查): a REST API service for 「双随机、一公开」 supervision.

Units keep checklists and two libraries, plan, draw objects and officers at random so that anyone
can prove it, inspect, and publish every result within 20 working days.

Where everything lives, in the order of imports (each layer knows only those below it; siblings on
one line do not know each other; `make check` holds this with import-linter):

    __main__                   the command line: serve, worker, migrate, create-admin, run, demo, …
    demo                       the demo year, played over HTTP; `make run`
    main · serving             the composition root of the web process; how uvicorn runs it
    openapi                    builds openapi/openapi.json, problems.md, glossary.md
    routers · jobs · middleware   HTTP in and out (`routers.ALL`) · the worker · what every
                               request passes: limits, security headers, CORS
    backup                     backup, restore, and the drill that checks a restored database
    deps · public_cache        who calls, may they, which version · caching
    problems · idempotency     the only maker of error bodies (RFC 9457) · a retry's one effect
    schemas · services         wire shapes · use cases, one unit of work each
    security · tabular         tokens, passwords, sealing · reading and writing xlsx, xls, csv
    documents                  typst templates and what sets them as PDF
    storage · migrate · local_postgres   every SQL statement · schema and grants · embedded server
    models                     ORM tables, a file per aggregate
    domain                     the rules: standard library only, no IO, no clock, no randomness
    settings · clock · logs · reference  environment · time · logging · data that ships

A request: router (thin) -> service (unit of work) -> domain (decides) + storage (SQL) -> commit ->
schema -> response. A write without an audit entry does not commit.
"""
