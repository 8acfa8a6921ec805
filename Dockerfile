# slim: everything but a browser (the default). full: with Chromium, for pages that a source hands out only to one.
#   docker build --target full --tag list-sync:full .
# It needs no BuildKit. Docker's older builder makes every stage above its target, so full comes after slim.
# `make update-base` writes the digest of the base image here.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/list-sync

FROM build AS build-slim
COPY requirements/image.txt requirements/
RUN python -m pip --python /opt/list-sync/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY list_sync list_sync
RUN python -m pip --python /opt/list-sync/bin/python install --quiet --no-deps --no-build-isolation . \
 && python -m pip --python /opt/list-sync/bin/python uninstall --quiet --yes setuptools

FROM ${PYTHON_IMAGE} AS runtime
# Debian keeps only the newest version of a package, so that a pinned one could not be installed for long.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old
COPY docker/entrypoint.sh /usr/local/bin/list-sync-entrypoint
COPY docker/step-down.sh /usr/local/lib/list-sync/bin/list-sync
WORKDIR /usr/src/app
# Anybody may write a new volume, which docker makes like this folder: `user:` may be set to any number.
RUN chmod 0755 /usr/local/bin/list-sync-entrypoint /usr/local/lib/list-sync/bin/list-sync \
 && ln -s list-sync /usr/local/lib/list-sync/bin/python \
 && ln -s list-sync /usr/local/lib/list-sync/bin/python3 \
 && mkdir -m 0777 data config \
 && ln -s /usr/src/app/data /data
ENV PATH=/usr/local/lib/list-sync/bin:/opt/list-sync/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# Docker publishes this port; in a mounted .env, WEB_PORT is the port of the host.
ENV WEB_HOST=0.0.0.0 WEB_PORT=5000
EXPOSE 5000
VOLUME /usr/src/app/data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["list-sync", "health"]
ENTRYPOINT ["tini", "-s", "--", "list-sync-entrypoint"]
CMD ["list-sync"]
ARG PYTHON_IMAGE
LABEL org.opencontainers.image.title="ListSync" \
      org.opencontainers.image.description="Keeps film and TV lists in step with Overseerr, Jellyseerr and Seerr" \
      org.opencontainers.image.source="https://github.com/Woahai321/list-sync" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}" \
      org.opencontainers.image.licenses="MIT"

FROM runtime AS slim
COPY --from=build-slim /opt/list-sync /opt/list-sync
# Empty unless the build is told (`make image`): then it is the program's own version or the build fails.
ARG VERSION="" REVISION=""
# The name that a compose file is to give it: the compose files build this target.
ARG IMAGE=""
RUN { test "${IMAGE##*:}" != full || { echo "IMAGE=$IMAGE: run 'make image', which builds it; compose would build slim." >&2; exit 1; }; } \
 && { test -z "$VERSION" || test "list-sync $VERSION" = "$(/opt/list-sync/bin/list-sync --version)"; }
LABEL org.opencontainers.image.version="$VERSION" org.opencontainers.image.revision="$REVISION"

FROM build AS build-full
COPY requirements/image.txt requirements/image-browser.txt requirements/
# Some packages of SeleniumBase are source alone. In isolation, pip would build them with a setuptools that no hash is known of.
RUN python -m pip --python /opt/list-sync/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/image.txt \
 && python -m pip --python /opt/list-sync/bin/python install --quiet --require-hashes --no-deps --no-build-isolation --use-pep517 -r requirements/image-browser.txt
COPY pyproject.toml README.md LICENSE ./
COPY list_sync list_sync
RUN python -m pip --python /opt/list-sync/bin/python install --quiet --no-deps --no-build-isolation .

FROM runtime AS full
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium chromium-driver \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old
COPY --from=build-full /opt/list-sync /opt/list-sync
COPY docker/patch_driver.py /usr/local/lib/list-sync/
RUN /opt/list-sync/bin/python /usr/local/lib/list-sync/patch_driver.py /usr/local/lib/list-sync/drivers
# The driver is found by the path, which an empty BROWSER_DRIVER_DIR leaves alone; the folder is read-only for us.
ENV PATH=/usr/local/lib/list-sync/drivers:$PATH SE_OFFLINE=true
ARG VERSION="" REVISION=""
ARG FULL_IMAGE=""
RUN { test "${FULL_IMAGE##*:}" != slim || { echo "IMAGE=$FULL_IMAGE: run 'make image', which builds it; this compose file would build full." >&2; exit 1; }; } \
 && { test -z "$VERSION" || test "list-sync $VERSION" = "$(/opt/list-sync/bin/list-sync --version)"; }
LABEL org.opencontainers.image.version="$VERSION" org.opencontainers.image.revision="$REVISION"

# Without --target.
FROM slim
