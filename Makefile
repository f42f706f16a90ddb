# alexbench and AlexStorage. `make` alone prints the targets.

SWIFT    ?= swift
PREFIX   ?= /usr/local
SCALE    ?= 1M
BACKENDS ?= alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned
FLAGS    ?=
POWER_LOSSES ?= 10000000
KILLS    ?= 1000
SECONDS  ?= 60
SEED     ?=
STRESS   ?= 100

# The rivals' release build, made by `make rivals`, comes before the system's.
RIVALS := $(CURDIR)/.rivals/pkgconfig
ifneq ($(wildcard $(RIVALS)),)
export PKG_CONFIG_PATH := $(RIVALS)$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))
endif
export SWIFT

SETUP  := Sources/Setup
# Read when a recipe runs, because an earlier step may have installed a library.
TRAITS  = $$(sh $(SETUP)/traits.sh)
BINARY  = "$$($(SWIFT) build -c release --show-bin-path)/alexbench"

.PHONY: help bench test stress browser-test build install torture fuzz rivals results reliability report regress selfcheck format lint clean

help:
	@echo 'make bench     install what is missing, build, run the main benchmark (SCALE=1M, BACKENDS=alex,rocksdb,…)'
	@echo 'make test      install what is missing, build and run all tests'
	@echo 'make stress    readers beside a writer, each read held against an oracle (an hour; STRESS=10 for less)'
	@echo 'make browser-test   open the pages of the results in a headless Chromium, which it installs'
	@echo 'make build     build the release binary with every engine whose library is there'
	@echo 'make install   put alexbench into PREFIX/bin (PREFIX=/usr/local)'
	@echo 'make torture   ten million simulated power losses and a thousand real kills (an hour; POWER_LOSSES=, KILLS=)'
	@echo 'make fuzz      open, scan, verify, salvage and use damaged and forged stores (SECONDS=60, SEED= to begin with)'
	@echo 'make rivals    build RocksDB without its assertions, once (10 to 20 minutes); later builds link it'
	@echo 'make results   measure every result that the reports want, six hours; goes on where it stopped'
	@echo '               (ONLY=phase just those that begin so; REPEATS=3 instead of ten)'
	@echo 'make reliability    crashes, damage, recovery times, space after compaction: Results/reliability.md (15 minutes)'
	@echo 'make report    make the tables, charts and the page in Results, and README.md, from the committed results'
	@echo '               (FLAGS=--fresh measures them all again first)'
	@echo 'make regress   hold exact counts and ratios to rivals against the committed expectation (UPDATE=1 writes it)'
	@echo 'make selfcheck check the tool itself, T1 to T4; goes on where it stopped (FLAGS="--only T1")'
	@echo 'make format    format the sources'
	@echo 'make lint      check their format'
	@echo 'make clean     remove what was built, except the rivals'

bench:
	@sh $(SETUP)/bench.sh '$(SCALE)' '$(BACKENDS)' $(FLAGS)

test:
	@sh $(SETUP)/packages.sh rocksdb sqlite3 lmdb absl_btree || true
	@sh $(SETUP)/test.sh

# Long, and with luck: what readers and writer meet is left to chance.
stress:
	@READER_STRESS=$(STRESS) STORE_READER_STRESS=$(STRESS) $(SWIFT) test $(TRAITS) --filter ReaderStress

browser-test: build
	@sh $(SETUP)/browser-test.sh $(BINARY)

build:
	@set -e; traits="$(TRAITS)"; echo "$(SWIFT) build -c release $$traits"; \
	$(SWIFT) build -c release --product alexbench $$traits; \
	sh $(SETUP)/traits.sh --missing >&2

install: build
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/alexbench'

# Needs no engine's library.
torture:
	@$(SWIFT) build -c release --product alexstorage-torture $(TRAITS)
	@"$$($(SWIFT) build -c release --show-bin-path)/alexstorage-torture" \
		--power-losses $(POWER_LOSSES) --kills $(KILLS)

# Prints the seed of whatever it finds; alexstorage-torture --fuzz-case repeats one.
fuzz:
	@$(SWIFT) build -c release --product alexstorage-torture $(TRAITS)
	@"$$($(SWIFT) build -c release --show-bin-path)/alexstorage-torture" \
		--fuzz $(SECONDS) $(if $(SEED),--seed $(SEED))

rivals:
	@sh $(SETUP)/rivals.sh

results: build
	@$(SWIFT) build -c release --product alexstorage-torture $(TRAITS)
	@sh $(SETUP)/results.sh $(BINARY) $(if $(ONLY),--only '$(ONLY)') $(FLAGS)

reliability: build
	@$(SWIFT) build -c release --product alexstorage-torture $(TRAITS)
	@sh $(SETUP)/reliability.sh $(BINARY) "$$($(SWIFT) build -c release --show-bin-path)/alexstorage-torture"

report: build $(if $(filter --fresh,$(FLAGS)),results)
	@$(BINARY) report Results --write --readme README.md
	@$(BINARY) report Results --write --format markdown --charts
	@$(BINARY) report Results --write --format html

regress: build
	@$(BINARY) regress $(if $(UPDATE),--update)

selfcheck: build
	@$(MAKE) -s -C Tests/ReferenceLoops || echo 'the loops of T2 are not built: T2 is left out' >&2
	@$(BINARY) selfcheck --state Results/selfcheck.json --output Results/selfcheck.md $(FLAGS)

format:
	@$(SWIFT) format --in-place --recursive Sources Tests Package.swift

lint:
	@$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

clean:
	@rm -rf .build
