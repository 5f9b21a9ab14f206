# syntax=docker/dockerfile:1

# The style sheet and scripts: plain files, the same for every platform.
FROM --platform=$BUILDPLATFORM node:22-bookworm-slim AS assets
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
# What the tests need stays out: only the dependencies are wanted here.
RUN npm ci --omit=dev
COPY frontend/build.mjs ./
COPY frontend/assets ./assets
RUN node build.mjs

# The binary, compiled on the builder's platform for the one that is asked for.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS="-tags=nomsgpack -buildvcs=false"
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/frontend/assets/dist ./frontend/assets/dist
ARG VERSION=dev
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/usr/local/bin/beforehand ./cmd/beforehand
# The root of the last stage: the binary, the certificates of the authorities,
# the time zones, a user who is nobody, and two folders that this user may write.
RUN mkdir -p /out/etc/ssl/certs /out/usr/share /out/data /out/tmp \
    && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
    && cp -r /usr/local/go/lib/time /out/usr/share/go-time \
    && echo 'nonroot:x:65532:65532:nonroot:/data:/sbin/nologin' >/out/etc/passwd \
    && echo 'nonroot:x:65532:' >/out/etc/group

# No shell, no package manager, nothing to keep up to date but the above.
FROM scratch
COPY --from=build /out /
# The two folders that this user may write.
COPY --from=build --chown=65532:65532 /empty /data
COPY --from=build --chown=65532:65532 /empty /tmp
ENV ZONEINFO=/usr/share/go-time/zoneinfo.zip \
    BEFOREHAND_ADDR=0.0.0.0:8080 \
    BEFOREHAND_DATA=/data
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# It finds the address in the environment, as serve does.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/beforehand", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/beforehand"]
CMD ["serve", "--addr", "0.0.0.0:8080", "--data", "/data"]
