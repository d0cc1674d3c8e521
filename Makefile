# `make` lists the targets. Targets download the programs that they need, such as Node 24.
SHELL := /bin/sh
RUN := ./tools/with-node.sh
STACK := $(RUN) node local/main.ts
DEPLOY := $(RUN) node tools/deploy/main.ts
# SEED=7 runs the tests of each file in random order
TEST := $(RUN) npx --no-install vitest run $(if $(SEED),--sequence.shuffle.tests --sequence.seed=$(SEED))
RESULTS := .local/test-results.json

.DEFAULT_GOAL := help
.PHONY: help setup check test test-alone test-unit test-operator test-charts test-services test-documents test-rules mutation-rules test-stack lint fmt types generate verify \
        build images deploy kind-up kind-down e2e dashboards-check gameday pictures house bench bench-operator bench-objectives bench-dashboards bench-telemetry up down demo status logs start stop clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-17s %s\n", $$1, $$2 }'

node_modules/.installed: package-lock.json package.json
	@echo "installing the packages of package-lock.json"
	@$(RUN) npm ci --loglevel=error
	@touch $@

setup: node_modules/.installed ## install the npm packages of the project

up: node_modules/.installed ## set everything up and run the platform on this machine
	@$(STACK) up
demo: up
down: node_modules/.installed ## stop the platform and keep its data
	@$(STACK) down
status: node_modules/.installed ## list the processes, their addresses, and whether each is ready
	@$(STACK) status
logs: node_modules/.installed ## follow a log: make logs S=backend
	@$(STACK) logs $(S) --follow
start: node_modules/.installed ## start one process again: make start S=trigger-dispatcher
	@$(STACK) start $(S)
stop: node_modules/.installed ## stop one process: make stop S=trigger-dispatcher
	@$(STACK) stop $(S)
clean: node_modules/.installed ## stop the platform and remove its data
	@$(STACK) clean

test: check ## set up, and run all tests on real servers
	@$(STACK) provision
	@$(TEST) --project '!cluster' --reporter=default --reporter=json --outputFile.json=$(RESULTS)
test-alone: node_modules/.installed ## each test file in a process of its own: make test-alone PROJECT=unit
	@mkdir -p .local; failed=0; for file in $$($(RUN) npx --no-install vitest list --filesOnly --project $(or $(PROJECT),unit) | sed 's/^\[[a-z]*\] *//'); do \
	  $(TEST) --project $(or $(PROJECT),unit) $$file > .local/alone.log 2>&1 && echo "$$file" || { failed=1; echo "FAILED ALONE: $$file"; tail -n 40 .local/alone.log; }; \
	done; exit $$failed
test-unit: node_modules/.installed ## tests without servers
	@$(TEST) --project unit
test-operator: node_modules/.installed ## the operator against a real API server
	@$(TEST) --project operator
test-services: node_modules/.installed ## the services against real Kafka, Redis and Postgres
	@$(TEST) --project services
test-charts: node_modules/.installed ## the Helm chart with Helm and a real API server
	@$(TEST) --project charts
test-documents: node_modules/.installed ## the commands of the documents, in a bare clone with Node 20
	@$(TEST) --project documents
test-rules: node_modules/.installed ## the alerts and objectives, with promtool
	@$(TEST) --project rules
mutation-rules: node_modules/.installed ## change one thing at a time in the rules of alerts and objectives, and list the changes that no test notices
	@$(RUN) node test/rules/run-mutants.ts
test-stack: node_modules/.installed ## the whole platform, as make up starts it
	@$(TEST) --project stack

build: node_modules/.installed ## write a bundle for each process to dist/; Node runs it without node_modules
	@$(RUN) node tools/build.ts
images: build ## build the container images, as archives in .local/images
	@$(RUN) node tools/images/main.ts
deploy: images ## install on a cluster: make deploy KUBECONFIG=file IMAGE_LOAD="command that loads archives" VALUES=file
	@$(DEPLOY) install
kind-up: node_modules/.installed ## create a kind cluster and install the platform on the cluster
	@$(DEPLOY) kind-up
kind-down: node_modules/.installed ## remove the kind cluster
	@$(DEPLOY) kind-down
e2e: images ## test the chart on a real cluster: make e2e KUBECONFIG=file IMAGE_LOAD="command that loads archives" [KPS_CHART=folder]
	@$(TEST) --project cluster --reporter=default --reporter=json --outputFile.json=.local/e2e-results.json

dashboards-check: node_modules/.installed ## check every panel and metric on live data, with each kind of failure; takes ten minutes
	@$(RUN) node tools/scenario/check-dashboards.ts
gameday: node_modules/.installed ## cause a fault for each alert on the running stack; ONLY=drill,Alert,… runs only these
	@$(RUN) node tools/gameday/main.ts $(if $(ONLY),--only $(ONLY))

pictures: node_modules/.installed ## render the dashboards to docs/pictures, with data from PROMETHEUS=url; needs Chromium
	@$(RUN) npm ci --prefix tools/pictures/packages --no-audit --no-fund --loglevel=error
	@$(RUN) npx --no-install tsc --noEmit -p tools/pictures
	@$(RUN) node tools/pictures/main.ts $(if $(PROMETHEUS),--prometheus $(PROMETHEUS))

house: node_modules/.installed ## the code in figures; COMMENTS=30 SEED=1 prints comments picked at random
	@$(RUN) node tools/house/main.ts $(if $(ROOT),--root $(ROOT)) $(if $(LIST),--list) $(if $(COMMENTS),--comments $(COMMENTS)) $(if $(SEED),--seed $(SEED))

bench: bench-operator bench-objectives bench-dashboards bench-telemetry ## run every benchmark; prints one JSON line for each case
bench-operator: node_modules/.installed ## 1,000 resources from a cold start, their statuses, and 1,000 declared pipelines
	@$(RUN) node bench/operator.ts
	@$(RUN) node bench/old-statuses.ts
	@$(RUN) node bench/registrar.ts
	@$(RUN) node bench/names.ts
bench-objectives: node_modules/.installed ## the cost of the rules of 2,000 objectives in Prometheus
	@$(RUN) node bench/objectives.ts
bench-dashboards: node_modules/.installed ## the cost of the dashboards' expensive queries in Prometheus
	@$(RUN) node bench/dashboards.ts
bench-telemetry: node_modules/.installed ## the cost of metrics and traces in each service
	@$(RUN) node bench/telemetry.ts

check: lint types verify ## check lint, types and generated files
lint: node_modules/.installed ## check lint and format
	@$(RUN) npx --no-install biome ci --error-on-warnings .
fmt: node_modules/.installed ## format, and fix what can be fixed
	@$(RUN) npx --no-install biome check --write .
types: node_modules/.installed ## check the types
	@$(RUN) npx --no-install tsc --noEmit -p .
generate: node_modules/.installed ## write every generated file: CRD, dashboards, docs
	@$(RUN) node tools/generate.ts
verify: node_modules/.installed ## check that the generated files are up to date
	@$(RUN) node tools/generate.ts --check
