# Everything a person needs. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 5000
ENV ?= staging
TAG ?= $(shell git rev-parse --short HEAD 2>/dev/null)
GRACE ?=
SERVICES := web annotator archiver restorer thawer
WORKERS := notifier annotator archiver restorer thawer
BIN := .venv/bin
comma := ,
PROFILES := $(if $(filter vault,$(STORE)),vault$(comma))$(if $(TRACES),observability$(comma))
COMPOSE_ENV = GAS_WEB_PORT=$(PORT) GRACE=$(or $(GRACE),300) GAS_ARCHIVE_STORE=$(or $(STORE),s3) \
  COMPOSE_PROFILES=$(PROFILES) OTEL_EXPORTER_OTLP_ENDPOINT=$(if $(TRACES),http://127.0.0.1:4318)
ANNOTATOR := services/annotator/annotator
DEMO_BUNDLE := $(ANNOTATOR)/bundles/grch38-21q21/manifest.json
FRONTEND := services/web/frontend
FRONTEND_BUILT := services/web/web/static/dist/manifest.json
STAMPS := .venv/.installed .venv-emulators/.installed $(DEMO_BUNDLE) $(FRONTEND_BUILT)
# Its DynamoDB has real indexes, where the embedded emulator looks through all rows.
ON_LOCALSTACK = $(if $(LOCALSTACK),$(BIN)/python -m local.containers.localstack GAS_TEST_AWS_URL)
PIP := -m pip install --quiet --disable-pip-version-check

# Python 3.11 to 3.13: the one that PYTHON names, else the newest that runs here. Looked for once, and
# only by what needs it; `false` stands for none, so that make stops after the message.
found-python = $(or $(shell PYTHON="$(PYTHON)" local/find-python.sh $(1)),false)
NEW_VENV_PYTHON = $(eval NEW_VENV_PYTHON := $(call found-python))$(NEW_VENV_PYTHON)
ANY_PYTHON = $(eval ANY_PYTHON := $(call found-python,--any-use))$(ANY_PYTHON)
# Without its stamp an environment is made from nothing; with it, only what the lock changed is installed.
make-venv = @[ -e $@ ] || "$(NEW_VENV_PYTHON)" -m venv --clear $(@D)
ifeq ($(filter help clean down logs scale,$(or $(MAKECMDGOALS),help)),)
  $(if $(filter-out 0,$(shell PYTHON="$(PYTHON)" local/stale-venvs.sh; echo $$?)),$(error stopped))
endif

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

setup: $(STAMPS) ## what the other commands do by themselves: make the environments

.venv/.installed: requirements/dev.lock shared/pyproject.toml $(SERVICES:%=services/%/pyproject.toml)
	@echo "setting up the environment (once) …"
	$(make-venv)
	@$(BIN)/python $(PIP) --require-hashes -r requirements/dev.lock
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation -e shared $(SERVICES:%=-e services/%)
	@touch $@

.venv-emulators/.installed: requirements/emulators.lock
	@echo "setting up the emulators (once) …"
	$(make-venv)
	@.venv-emulators/bin/python $(PIP) --require-hashes -r requirements/emulators.lock
	@touch $@

# built, not committed: most of it is N
$(DEMO_BUNDLE): .venv/.installed $(ANNOTATOR)/recipes/grch38-21q21.json $(wildcard $(ANNOTATOR)/recipes/grch38-21q21/*.gz) \
  $(ANNOTATOR)/bundle.py $(wildcard $(ANNOTATOR)/bundling/*.py $(ANNOTATOR)/consequences/*.py)
	@echo "building the bundle grch38-21q21 (seconds) …"
	@$(BIN)/python -m annotator bundle build --quiet $(ANNOTATOR)/recipes/grch38-21q21.json

# The folders are listed too, so that a removed file is noticed.
$(FRONTEND_BUILT): $(shell find $(FRONTEND) -path '*/node_modules' -prune -o -print)
	@echo "building the front end (seconds; once and after changes) …"
	@$(FRONTEND)/build.sh
	@touch $@

.venv-node/.installed: requirements/node.lock
	@echo "setting up Node (once) …"
	$(make-venv)
	@.venv-node/bin/python $(PIP) --require-hashes -r requirements/node.lock
	@touch $@

.venv-checks/.installed: requirements/checks.lock
	@echo "setting up the checks (once) …"
	$(make-venv)
	@.venv-checks/bin/python $(PIP) --require-hashes -r requirements/checks.lock
	@touch $@

demo: $(STAMPS) ## the whole story of a job on a real VCF; VCF=path GRACE=seconds
	@$(BIN)/python -m local.demo $(if $(VCF),--vcf "$(VCF)") $(if $(GRACE),--grace $(GRACE))

dev: $(STAMPS) ## the stack, until Ctrl-C; PORT=5000 GRACE=300
	@exec $(BIN)/python -m local.dev --port $(PORT) $(if $(GRACE),--grace $(GRACE))

token: $(STAMPS) ## print an API token of the running stack; EMAIL=user@example.org PLAN=premium
	@$(BIN)/python -m local.token "$(EMAIL)" $(if $(PLAN),--plan $(PLAN))

test: $(STAMPS) ## all tests, a file of them at a time on each core
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test-unit: $(STAMPS) ## the tests that need nothing and take seconds
	@$(BIN)/python -m pytest -m "not integration and not e2e and not simulation and not browser"

browser: $(STAMPS) ## the pages in a real Chromium, which is installed where it may be; screenshots in .gas/screenshots
	@local/install-chromium.sh
	@GAS_ALL_LOOKS=1 $(BIN)/python -m pytest tests/browser

simulate: $(STAMPS) ## random schedules with faults, all promises checked; SEEDS=10000 FIRST=0 MINUTES=40
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),10000) --first $(or $(FIRST),0) --minutes $(or $(MINUTES),inf)

mutations: $(STAMPS) ## write down by which seed the simulation detects each mutation; its test tries these first
	@$(BIN)/python -m tests.simulation.mutations

crash: $(STAMPS) ## every story cut short at every AWS call; EVERY=1 FIRST=1 STORY="whole life"
	@$(BIN)/python -m tests.crash --every $(or $(EVERY),1) --first $(or $(FIRST),1) $(if $(STORY),--story "$(STORY)")

kill: $(STAMPS) ## SIGKILL for services of a running stack, at random; SECONDS=300 JOBS=50
	@$(BIN)/python -m tests.crash.kills --seconds $(if $(filter command line,$(origin SECONDS)),$(SECONDS),300) --jobs $(or $(JOBS),50)

kill-parts: $(STAMPS) ## SIGKILL for annotators while they work on one file in parts; PARTS=50 KILLS=40 SEED=1
	@$(BIN)/python -m tests.crash.part_kills --parts $(or $(PARTS),50) --kills $(or $(KILLS),40) $(if $(SEED),--seed $(SEED))

kill-compose: $(STAMPS) ## the same with docker kill, for the containers; SECONDS=120 JOBS=20
	@$(COMPOSE_ENV) "$(ANY_PYTHON)" -m local.containers.preflight --images
	@$(COMPOSE_ENV) GRACE=5 GAS_LARGE_FILE_BYTES=100000 GAS_CLAIM_SECONDS=15 docker compose up --detach --wait --quiet-pull
	@status=0; $(BIN)/python -m tests.crash.kills --url http://127.0.0.1:$(PORT) --jobs $(or $(JOBS),20) \
	  --seconds $(if $(filter command line,$(origin SECONDS)),$(SECONDS),120) || status=$$?; \
	  $(MAKE) --no-print-directory down; exit $$status

lint: $(STAMPS) ## format, lint, types, floors, schemas, templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy shared/gas $(foreach s,$(SERVICES),services/$(s)/$(s)) services/web/notifier services/restorer/reconciler local bench ecs tests shared/tests services/*/tests
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m gas.events.schemas --check
	@$(BIN)/python -m annotator.rules.page --check
	@$(BIN)/cfn-lint ecs/*.yaml
	@$(FRONTEND)/build.sh check

check-templates: .venv-checks/.installed ## checkov for ecs/, hadolint for Dockerfiles; what is skipped stands there with its reason
	@.venv-checks/bin/checkov --config-file .checkov.yaml
	@.venv-checks/bin/hadolint services/Dockerfile local/Dockerfile

format: $(STAMPS) ## rewrite the code in our format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

schemas: $(STAMPS) ## write shared/schemas, docs/events.md, docs/vcf-rules.md and the catalogue of bundles from the code
	@$(BIN)/python -m gas.events.schemas
	@$(BIN)/python -m annotator.rules.page
	@$(BIN)/python -m annotator bundle catalogue --to services/web/web/bundles.json

lock: $(STAMPS) ## write the lock files anew
	@requirements/lock.sh

bench: $(STAMPS) ## measure; prints tables; AWS requests of a job alone and of JOBS=40 at once
	@$(BIN)/python -m bench.lifecycle
	@$(BIN)/python -m bench.requests --jobs $(or $(JOBS),40)

bench-annotate: $(STAMPS) ## our pipeline beside the bare tools; VARIANTS=1000000 TIMES=5 MEGABASES=50
	@$(BIN)/python -m bench.annotate --variants $(or $(VARIANTS),1000000) --times $(or $(TIMES),5) \
	  --megabases $(or $(MEGABASES),50)

bench-known: $(STAMPS) ## what a source of known variants costs; OPTIONS="--variants 100000 --rows 232000 --megabases 30 --stream 0"
	@$(BIN)/python -m bench.annotate.knowledge $(OPTIONS)

annotate: $(STAMPS) ## annotate a file on this machine, no service needed; VCF=in.vcf.gz BUNDLE=human-mt OUT=in.annot.vcf.gz OPTIONS="--transcripts mane"
	@$(BIN)/python -m annotator annotate "$(VCF)" --output "$(or $(OUT),$(patsubst %.vcf,%,$(patsubst %.bgz,%,$(patsubst %.gz,%,$(VCF)))).annot.vcf.gz)" \
	  --bundle "$(or $(BUNDLE),human-mt)" $(OPTIONS)

bundle: $(STAMPS) ## build a reference from files that you downloaded, or say which it wants; RECIPE=grch38|grch37|any FROM=folder NAME= TO=folder
	@$(BIN)/python -m annotator bundle build $(or $(RECIPE),grch38) $(if $(FROM),--from "$(FROM)",--files) $(if $(NAME),--name $(NAME)) \
	  $(if $(TO),--bundles "$(TO)")

bench-warm: $(STAMPS) ## a small job with and without a warm engine, and their memory; TRANSCRIPTS=145000
	@$(BIN)/python -m bench.annotate.warm --transcripts $(or $(TRANSCRIPTS),145000)

check-vcf: $(STAMPS) ## the verdict on files, one JSON line each; VCF="a.vcf b.vcf.gz"
	@$(BIN)/python -m annotator check $(VCF)

bench-fairness: $(STAMPS) ## how long a small job waits behind others'; FLOOD=1000
	@$(BIN)/python -m bench.fairness --flood $(or $(FLOOD),1000)

bench-restores: $(STAMPS) ## a user with many archived jobs upgrades; JOBS=20000
	@$(BIN)/python -m bench.restores --jobs $(or $(JOBS),20000)

bench-rebuild: $(STAMPS) ## requests and CPU time of rebuild and verify; STREAMS=2000
	@$(BIN)/python -m bench.rebuild --streams $(or $(STREAMS),2000)

bench-web: $(STAMPS) ## questions to a large table of variants; ROWS=5000000 QUESTIONS=200 PEOPLE=20 JOBS=10000 LOCALSTACK=1
	@$(ON_LOCALSTACK) $(BIN)/python -m bench.web --rows $(or $(ROWS),5000000) --questions $(or $(QUESTIONS),200) --people $(or $(PEOPLE),20) --jobs $(or $(JOBS),10000)

bench-pipes: $(STAMPS) ## publishing by a stream of the log and a pipe, beside today's; EVENTS=100
	@$(BIN)/python -m bench.pipes --events $(or $(EVENTS),100)

bench-watchers: $(STAMPS) ## what open pages of running jobs cost the web server; WATCHERS=1000
	@$(BIN)/python -m bench.watchers --watchers $(or $(WATCHERS),1000)

bench-scatter: $(STAMPS) ## a file in parts beside the whole, by CPU time; VARIANTS=200000 PARTS="4 16"
	@$(BIN)/python -m bench.scatter --variants $(or $(VARIANTS),200000) --parts $(or $(PARTS),4 16)

bench-lists: $(STAMPS) ## pages of a user with many jobs, beside bare pages on the same server; JOBS=10000 LOCALSTACK=1
	@$(ON_LOCALSTACK) $(BIN)/python -m bench.lists --jobs $(or $(JOBS),10000)

bench-scale: $(STAMPS) ## the scaling rules against days and bursts of jobs, and costs
	@$(BIN)/python -m bench.scale

images: ## build the images, each by itself; sizes, contents (SBOM) and a look for what must not be in them
	@"$(ANY_PYTHON)" -m local.containers.preflight --engine
	@REVISION=$(TAG) docker compose build --quiet
	@"$(ANY_PYTHON)" -m local.containers.images

up: images ## the five images against LocalStack; PORT=5000 GRACE=300 STORE=vault TRACES=1
	@$(COMPOSE_ENV) "$(ANY_PYTHON)" -m local.containers.preflight
	@$(COMPOSE_ENV) docker compose up --detach --wait
	@docker compose exec -T web python -m web.sample || true  # GAS runs without a sample too
	@echo "GAS is ready at http://127.0.0.1:$(PORT)"

down: ## stop the containers
	@docker compose --profile "*" down --timeout 30

logs: ## what the containers print, until Ctrl-C; SERVICE=annotator
	@docker compose --profile "*" logs --follow --tail 100 $(SERVICE)

scale: ## more or fewer of the workers; annotator=4 archiver=2 …
	@docker compose up --detach --no-recreate --wait \
	  $(foreach s,$(WORKERS),$(if $($(s)),--scale $(s)=$($(s))))

trace: $(STAMPS) ## the trace of a job, from a stack with TRACES=1; JOB=id
	@$(BIN)/python -m local.traces show "$(JOB)"

test-compose: $(STAMPS) ## the whole story against the five images and LocalStack; STORE=vault
	@$(COMPOSE_ENV) "$(ANY_PYTHON)" -m local.containers.preflight --images
	@$(COMPOSE_ENV) GRACE=5 docker compose up --detach --wait --quiet-pull
	@docker compose exec -T web python -m web.sample || true  # the demo says so if there is none
	@status=0; $(BIN)/python -m local.demo --url http://127.0.0.1:$(PORT) --aws-url http://127.0.0.1:4566 --grace 5 || status=$$?; \
	  [ $$status = 0 ] || docker compose logs --tail 50; $(MAKE) --no-print-directory down; exit $$status

test-localstack: $(STAMPS) ## the integration tests on a LocalStack of their own (test-deploy tries the templates)
	@"$(ANY_PYTHON)" -m local.containers.preflight --engine
	@$(BIN)/python -m local.containers.localstack GAS_TEST_AWS_URL $(BIN)/pytest -q -m integration --ignore tests/deploy

test-deploy: $(STAMPS) ## deploy, change and remove everything of ecs/ on LocalStack
	@"$(ANY_PYTHON)" -m local.containers.preflight --engine
	@$(BIN)/python -m local.containers.localstack AWS_ENDPOINT_URL $(BIN)/python -m tests.deploy.rehearsal

push: $(STAMPS) images ## the images to the registry of AWS; ENV=staging TAG=1a2b3c4
	@$(BIN)/python -m ecs.push --env "$(ENV)" --tag "$(TAG)"

deploy: $(STAMPS) ## to AWS, the change set shown first; ENV=staging TAG=1a2b3c4
	@$(BIN)/python -m ecs.deploy up --env "$(ENV)" --tag "$(TAG)"

destroy: $(STAMPS) ## remove from AWS all that runs; what is kept stays; ENV=staging
	@$(BIN)/python -m ecs.deploy down --env "$(ENV)"

clean: ## forget environments and local state
	@rm -rf .venv .venv-emulators .venv-checks .venv-node .gas $(FRONTEND)/node_modules $(dir $(FRONTEND_BUILT)) $(dir $(DEMO_BUNDLE))

.PHONY: annotate browser bundle help setup demo dev token test test-unit simulate mutations crash kill kill-compose kill-parts lint check-templates format schemas lock \
  bench bench-annotate bench-known bench-fairness bench-lists bench-pipes bench-rebuild bench-restores bench-scale bench-scatter bench-warm bench-watchers bench-web check-vcf images up down logs scale trace test-compose test-localstack test-deploy \
  push deploy destroy clean
