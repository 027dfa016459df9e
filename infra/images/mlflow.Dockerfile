# MLflow with what it needs for PostgreSQL, S3 and passwords, which its own image leaves out.
# Build in the repository's root: docker build -f infra/images/mlflow.Dockerfile -t marquee-mlflow .
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BASE_IMAGE} AS packages
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/mlflow \
  && /opt/mlflow/bin/pip install --no-cache-dir "mlflow[auth]==3.17.2" psycopg2-binary==2.9.10 boto3==1.40.0 \
  && find /opt/mlflow -name __pycache__ -prune -exec rm -rf {} +

FROM ${BASE_IMAGE}
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends python3 ca-certificates \
  && rm -rf /var/lib/apt/lists/* && useradd --create-home --uid 1000 mlflow
COPY --from=packages /opt/mlflow /opt/mlflow
ENV PATH=/opt/mlflow/bin:$PATH MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
WORKDIR /home/mlflow
USER 1000
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/health', timeout=3)"]
CMD ["mlflow", "server", "--app-name", "basic-auth", "--host", "0.0.0.0", "--port", "5000", "--workers", "2", "--serve-artifacts", "--default-artifact-root", "mlflow-artifacts:/"]
