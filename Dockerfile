# AttriBoard serving its default demo, or with another command a board of your own:
#   docker build -t attriboard .
#   docker run -p 127.0.0.1:8321:8321 -v attriboard-store:/data attriboard
#
# PyTorch's install page names an index of builds without CUDA, some gigabytes smaller on x86-64. Hand it over with
#   --build-arg PIP_EXTRA_INDEX_URL=<that index>

FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
# The build hook brings its own Node and builds the front end into the wheel.
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
ARG PIP_EXTRA_INDEX_URL=""
ARG EXTRAS=demo
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY constraints.txt /tmp/constraints.txt
COPY --from=build /wheels /tmp/wheels
RUN python -m venv /opt/attriboard \
    && /opt/attriboard/bin/pip install --no-cache-dir --constraint /tmp/constraints.txt \
        "attriboard[${EXTRAS}] @ file://$(ls /tmp/wheels/attriboard-*.whl)" \
    && rm -rf /tmp/wheels /tmp/constraints.txt \
    && useradd --create-home --uid 10001 attriboard \
    && install --directory --owner=attriboard --group=attriboard /data
ENV PATH=/opt/attriboard/bin:$PATH
USER attriboard
WORKDIR /home/attriboard
VOLUME /data
EXPOSE 8321
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8321/healthz', timeout=4)"]
# Inside the container every address is served, and so a token is asked for: it is in the printed link.
ENTRYPOINT ["attriboard"]
CMD ["demo", "--host", "0.0.0.0", "--port", "8321", "--store", "/data", "--no-open"]
