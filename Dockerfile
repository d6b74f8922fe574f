# One image, three commands: python -m db.migrate, python -m app, python -m arq worker.WorkerSettings.
# Debian's slim base: the wheels of the lock are made for glibc.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS packages
COPY requirements/server.lock /tmp/server.lock
# Wheels only, of the hashes in the lock: nothing is compiled, and nothing runs while it is installed.
RUN python -m venv /opt/reelwork \
    && /opt/reelwork/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r /tmp/server.lock \
    && /opt/reelwork/bin/python -m pip uninstall --yes --quiet setuptools pip

FROM ${PYTHON}
RUN groupadd --gid 10001 reelwork \
    && useradd --uid 10001 --gid reelwork --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin reelwork \
    && install -d -o reelwork -g reelwork /videos /transfers
COPY --from=packages /opt/reelwork /opt/reelwork
WORKDIR /app
COPY . .
RUN python -m compileall -q .
# PYTHONPATH: our folders have everyday names, and an installed package of the same name must not win.
ENV PATH=/opt/reelwork/bin:$PATH \
    PYTHONPATH=. \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PORT=8000 \
    WORK_DIR=/transfers
USER reelwork
EXPOSE 8000
# SHUTDOWN_GRACE_SECONDS is 25: give the container 30.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=30s --retries=3 CMD ["sh", "scripts/container-health.sh"]
CMD ["python", "-m", "app"]
