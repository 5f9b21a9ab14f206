# Everything that is done to this tree, by name. `make` lists it.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

ADDR      ?= 127.0.0.1:8080
DATA      ?= ./data
PKG       ?= ./...
# How many faults are tried at once: mostly each waits.
FAULT_LANES ?= 4
FAULT_SEEDS ?=
FAULT_ONLY  ?=
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# One choice for every command: switching cgo or tags compiles nearly all of it
# anew. nomsgpack keeps out a codec that takes minutes to compile and that
# nothing here uses.
export CGO_ENABLED := 0
export GOFLAGS     := -tags=nomsgpack -buildvcs=false
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

TOOL   := go tool -modfile=tools/go.mod
BIN    := bin/beforehand
DIST   := frontend/assets/dist/manifest.json
NODE   := frontend/node_modules/.package-lock.json

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Running

.PHONY: run
run: build ## Build everything and serve the demo (ADDR=, DATA= to change where)
	$(BIN) demo --data $(DATA)
	exec $(BIN) serve --addr $(ADDR) --base-url http://localhost:$(lastword $(subst :, ,$(ADDR))) --data $(DATA)

.PHONY: dev
dev: assets ## Serve the demo and start again on each change of Go or templ files
	go run ./cmd/beforehand demo --data $(DATA)
	$(TOOL) templ generate -watch -path . -cmd "go run ./cmd/beforehand serve --addr $(ADDR) --data $(DATA)"

.PHONY: build
build: assets ## Build bin/beforehand
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/beforehand

.PHONY: assets
assets: $(DIST) ## Build the style sheet and scripts (nothing to do when up to date)

$(DIST): $(NODE) frontend/build.mjs $(wildcard frontend/assets/src/*)
	cd frontend && node build.mjs

# npm writes this file itself, when it has finished.
$(NODE): frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20.19 or later with npm is needed: the style sheet comes from npm packages." >&2; exit 1; }
	cd frontend && npm ci
	@touch $@

.PHONY: generate
generate: ## Generate Go from the templ files
	$(TOOL) templ generate -path frontend

## Checking

# The order is that of the news: what fails soonest and says most comes first.
.PHONY: test
test: setup-test build vet test-go openapi-check openapi-fuzz e2e audit ## Run every check but the linters, as CI does

.PHONY: setup-test
setup-test: ## Install what the tests need (PostgreSQL, Chromium), or say what is missing
	scripts/setup-test

.PHONY: vet
vet:
	go vet ./...

# One PostgreSQL server for the whole run. The second run of the store's tests
# is in a zone ahead of UTC: a time stored as local time comes back as another.
.PHONY: test-go
test-go: build/pgcluster build/idp ## Run the Go tests, on SQLite and PostgreSQL (PKG=./models/... for some)
	build/pgcluster scripts/go-test $(PKG)

.PHONY: build/pgcluster
build/pgcluster:
	@mkdir -p build
	go build -o $@ ./internal/store/storetest/pgcluster

# The OpenID provider that tests sign in against, from the tools' module.
.PHONY: build/idp
build/idp:
	@mkdir -p build
	go build -C tools -o ../$@ ./idp

# The program with a clock that journeys move; the one that is shipped has none.
.PHONY: build/beforehand-movable
build/beforehand-movable: $(DIST)
	go build -trimpath -tags "nomsgpack movableclock" -o $@ ./cmd/beforehand

.PHONY: openapi-check
openapi-check: $(NODE) $(BIN) ## Lint the OpenAPI document
	scripts/openapi-check

.PHONY: openapi-fuzz
openapi-fuzz: $(BIN) ## Throw generated requests at every operation of the API; no server error is allowed
	scripts/openapi-fuzz

.PHONY: e2e
e2e: $(NODE) $(BIN) build/idp build/pgcluster build/beforehand-movable ## Run the browser tests
	cd frontend && ../build/pgcluster ../scripts/e2e

.PHONY: bench-pages
bench-pages: $(NODE) build/beforehand-movable ## Time the main pages at a quarter of the processor's speed
	cd frontend && node e2e/measure.mjs

.PHONY: screenshots
screenshots: $(NODE) build/beforehand-movable ## Take the pictures in docs/screenshots anew; look at them
	cd frontend && node e2e/screenshots.mjs

.PHONY: audit
audit: ## Ask for known vulnerabilities in what we build on (BEFOREHAND_AUDIT=required fails when nobody answers)
	scripts/audit

# For a target that needs the binary and is asked for alone. `build` is what
# brings it up to date.
$(BIN):
	$(MAKE) build

.PHONY: bench
bench: build/pgcluster ## Run the benchmarks (PKG=./models/... for some)
	build/pgcluster go test -run '^$$' -bench . -benchmem $(PKG)

# Some ten minutes on two cores: 10,000 messages, five rolling restarts under
# load, a leader that is killed.
.PHONY: replicas
replicas: build/pgcluster ## Try three replicas on one PostgreSQL behind a proxy, at full size
	BEFOREHAND_REPLICAS=full build/pgcluster go test -count=1 -timeout 30m -run TestThreeReplicas -v ./cmd/beforehand

# 24 misfortunes with five seeds each, on servers whose clock can be moved. Ends
# with a table, and non-zero when an invariant broke.
.PHONY: faults
faults: ## Kill servers and databases, fill disks, vex mail servers, and look what holds (FAULT_SEEDS=, FAULT_ONLY=)
	BEFOREHAND_FAULTS=full FAULT_SEEDS="$(FAULT_SEEDS)" FAULT_ONLY="$(FAULT_ONLY)" go test -count=1 -timeout 60m -tags "nomsgpack movableclock" -parallel $(FAULT_LANES) -run TestFaults -v ./cmd/beforehand

# The server beside the least that could answer the same, on both engines.
# BENCH_N deployments are seeded first, unless BENCH_PLACES names what is there:
# "-place engine=deployments=database=tokens …". bench/README.md says more.
BENCH_N       ?= 100000
BENCH_SECONDS ?= 5
BENCH_PLACES  ?=

.PHONY: bench-http
bench-http: build build/pgcluster ## Measure the server over HTTP beside hand-written limits, into bench/results (BENCH_N, BENCH_SECONDS)
	go build -trimpath -ldflags "-s -w" -o build/limit ./bench/limit
	go build -C tools -o ../build/bench ./bench
	$(if $(BENCH_PLACES),,build/pgcluster) build/bench -n $(BENCH_N) -for $(BENCH_SECONDS)s -commit $$(git rev-parse --short HEAD) $(BENCH_PLACES)
	build/pgcluster scripts/bench-other >> $$(ls -t bench/results/2*.md | head -1)

# Some four minutes on two cores. BEFOREHAND_COVERAGE_ONLY=paired runs what has
# that in its name.
.PHONY: evidence-coverage
evidence-coverage: ## Simulate 2,000 data sets a design and print how often the intervals hold
	BEFOREHAND_COVERAGE=full go test -count=1 -timeout 30m -run TestCoverage -v ./internal/evidence

.PHONY: golden
golden: build/pgcluster ## Write the golden files anew; look at the difference before you commit it
	build/pgcluster scripts/golden

.PHONY: lint
lint: generate ## Run the linters; generated files must be up to date (first run compiles them: many minutes)
	@git diff --exit-code --stat -- '*_templ.go' || { echo "The files above differ from what templ generates: commit them." >&2; exit 1; }
	go vet ./...
	$(TOOL) golangci-lint run
	cd tools && go tool golangci-lint run --config ../.golangci.yml ./...

.PHONY: fmt
fmt: ## Format Go and templ files
	$(TOOL) gofumpt -w api cmd frontend internal models policy tools
	$(TOOL) templ fmt frontend
