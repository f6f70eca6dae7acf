# One image for the intake, the worker, the command line and the sandbox's HTTP stand-ins.
ARG BASE_IMAGE=python:3.13-slim

FROM ${BASE_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/build && python -m venv --without-pip /opt/tocsin
WORKDIR /source

COPY requirements.lock requirements-build.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=cache,target=/root/.cache/pip \
    /opt/build/bin/pip install --require-hashes --requirement requirements-build.lock && \
    /opt/build/bin/pip --python /opt/tocsin/bin/python install --no-compile --require-hashes --requirement requirements.lock

# Request builders of Microsoft Graph that Tocsin never asks for: half of the image. The SDK imports each only when
# it is used, and tests/unit/project/test_project_files.py fails if one of these is.
RUN cd /opt/tocsin/lib/python3*/site-packages/msgraph/generated && rm -r \
    kiota-dom-export.txt \
    communications \
    device_app_management \
    device_management \
    drives \
    education \
    groups \
    identity_governance \
    role_management \
    security \
    service_principals \
    sites \
    solutions

COPY pyproject.toml README.md LICENSE ./
COPY worker worker
COPY handlers handlers
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheel . && \
    /opt/build/bin/pip --python /opt/tocsin/bin/python install --no-compile --no-deps --no-index /wheel/*.whl && \
    /opt/tocsin/bin/python -m compileall -q -j 0 /opt/tocsin/lib

FROM ${BASE_IMAGE}
COPY --from=build /opt/tocsin /opt/tocsin
# Everything is compiled already, and nothing is written but to /tmp: the root may be read-only.
ENV PATH=/opt/tocsin/bin:$PATH HOME=/tmp AZURE_DEVOPS_CACHE_DIR=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["tocsin"]
CMD ["--help"]
