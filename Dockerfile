# Descent Lab for a class: as many processes as WORKERS behind HAProxy, on port 8501. See compose.yaml.
FROM python:3.13-slim

RUN apt-get update \
 && apt-get install --yes --no-install-recommends haproxy \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home lab

WORKDIR /home/lab/app
COPY requirements.txt .
RUN pip install --no-cache-dir --requirement requirements.txt
COPY . .

USER lab
ENV WORKERS=4 PYTHONUNBUFFERED=1
EXPOSE 8501
# Through the proxy: healthy while at least one process answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["sh", "-c", "exec python -m pages.server --workers \"$WORKERS\" --port 8501"]
