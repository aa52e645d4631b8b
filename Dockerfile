# The service, the worker and the migrations in one image; compose.yaml starts them.
# Every RUN and CMD line is executed by tests/deploy in a scratch folder.

FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/venv
RUN /opt/venv/bin/python -m pip install --require-hashes --no-deps -r requirements.lock

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    SUNLOT_DATA_DIR=/var/lib/sunlot
WORKDIR /srv/sunlot
COPY --from=build /opt/venv /opt/venv
COPY alembic.ini ./
COPY migrations ./migrations
COPY openapi ./openapi
COPY verifier ./verifier
COPY app ./app
# What the service writes outside the database (the audit heads) goes here.
RUN install -d -o 10001 -g 10001 /var/lib/sunlot
USER 10001:10001
VOLUME /var/lib/sunlot
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "app", "serve", "--host", "0.0.0.0", "--port", "8000"]
