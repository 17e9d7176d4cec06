# DXCP
#
#   make            build build/release/dxcp
#   make demo       run the example of policy/ and intents/, write build/demo/site
#   make check      all tests and lint; make test: all but lint
#   make check-asan the end-to-end tests on the program with sanitizers
#   make lint       ci/check-*: layers, banned functions, format, clang, ...
#   make golden     rewrite the tests' expected outputs: review the diff
#   make bench      the measurements of tests/bench/, a quarter of an hour;
#                   beside ajv, jsonschema, OPA and conftest after peers-deps
#   make check-browser  the site in Chromium: axe, print, keyboard; from npm
#   make check-history  a real deployment history, HISTORY=FILE: all of it
#   make check-spinnaker  dispatch to Spinnaker's own Orca: ci/spinnaker/README.md;
#                   downloads nothing: make spinnaker-deps does, once before
#   make check-crash  hundreds of killed runs against the double of Gate, chosen
#                   by CRASH_SEED, CRASH_ROUNDS of them: ten minutes
#   make check-ledger  ledgers damaged in 50,000 ways, chosen by LEDGER_SEED
#   make check-proofs  checkpoints and proofs by Go's own packages of their kind
#   make check-spin Spinnaker's own client against the double of Gate: builds it
#                   from its Go module, which has to be downloaded, or SPIN=FILE
#   make check-pipelines  ci/pipelines/ by the tools of their kind, downloaded
#   make check-sarif  --format sarif by the published schema, from a Go module
#   make check-junit  --format junit by Jenkins's, as pytest's sources have it
#   make gate       a double of Spinnaker's Gate to try things on, PORT=N
#   make check-feeds  feeds, calendar and metrics by other people's readers
#   make check-opa  hooks that ask the real OPA; make opa-deps builds it before
#   make cover      line coverage by the tests
#   make install    into DESTDIR/PREFIX (PREFIX=/usr/local)
#   make clean      remove build/
#
# VARIANT=debug|release|asan|cov chooses build/VARIANT/; B= another folder;
# V=1 shows the commands.
# What is missing on a Debian machine is installed first: see ci/deps.
VARIANT ?= release
B       := build/$(VARIANT)
PREFIX  ?= /usr/local
PKG     := libgit2 yaml-0.1 sqlite3 jansson libcmark libcrypto libpcre2-8 yajl
LOADED  := libcurl # when it is needed: runner/curl.h
JOBS    ?= $(shell nproc)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wswitch-enum -Wvla -Wformat=2 -Wundef -Werror
OPT_debug   := -Og
OPT_release := -O2
OPT_asan    := -Og -fsanitize=address,undefined -fno-sanitize-recover=all \
               -fno-omit-frame-pointer -DARENA_ONE_BLOCK_EACH
OPT_cov     := -O0 --coverage
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L
CFLAGS   += -std=c11 -g $(WARN) $(OPT_$(VARIANT)) $(PKG_CFLAGS)
LDLIBS   += $(PKG_LIBS)

run    = $(if $(V),,@echo "$(1)  $@";) mkdir -p $(@D) && $(2)
obj    = $(patsubst %.c,$(B)/%.o,$(1))
LIB   := $(call obj,$(filter-out runner/main.c,$(wildcard core/*.c runner/*.c \
             runner/guards/*.c render/*.c))) $(B)/embedded.o $(B)/schema.o
TAP   := $(call obj,$(wildcard tests/lib/*.c))
UNIT  := $(patsubst %.c,%,$(wildcard tests/unit/*.c))
TESTS := $(addprefix $(B)/,$(UNIT))
BENCH := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
FAULTS := $(B)/tests/faults/kill_at.so
GATE  := $(B)/tests/gate/gate
EMBED := $(shell ci/embed list)
MAN   := $(B)/man/dxcp.1 $(patsubst %,$(B)/man/dxcp-%.1,$(shell \
             sed -n 's/_/-/;s/^COMMAND(\(.*\))/\1/p' runner/commands.def))

all: $(B)/dxcp
$(B)/dxcp: $(B)/runner/main.o $(B)/dxcp.a
$(B)/tests/unit/test_fuzz_corpus: $(call obj,$(wildcard tests/fuzz/*.c))
$(TESTS): %: %.o $(TAP) $(B)/dxcp.a
$(BENCH): %: %.o $(B)/dxcp.a
$(B)/tests/bench/bench_empty: LDFLAGS += -Wl,--no-as-needed
$(GATE): $(call obj,$(wildcard tests/gate/*.c)) $(B)/dxcp.a
$(GATE): LDLIBS += -lmicrohttpd -lgnutls -pthread
$(B)/dxcp $(TESTS) $(BENCH) $(GATE): ; $(call run,link,$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS))
$(B)/dxcp.a: $(LIB) ; $(call run,ar,rm -f $@ && ar rcs $@ $^)
$(B)/%.o: %.c ; $(call run,cc,$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<)
$(B)/embedded.o $(B)/schema.o: %.o: %.c ; $(call run,cc,$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<)
$(B)/embedded.c: $(B)/embedded.list ci/embed core/embedded.h $(EMBED)
	@ci/embed write >$@
$(B)/schema.c: core/ledger_schema.sql ci/embed core/ledger_schema.h
	@mkdir -p $(@D); ci/embed schema >$@
$(B)/embedded.list: FORCE # changes when a file is added or removed
	@mkdir -p $(@D); ci/embed list | cmp -s - $@ || ci/embed list >$@
-include $(shell find $(B) -name '*.d' 2>/dev/null)

# make remakes this file before anything else, so that the packages are there
# when a flag is asked for: on a fresh machine pkg-config itself is not.
ifneq ($(MAKECMDGOALS),clean)
include build/flags.mk
endif
build/flags.mk: ci/deps Makefile
	@ci/deps build && mkdir -p $(@D)
	@cflags=$$(pkg-config --cflags $(PKG) $(LOADED)) && libs=$$(pkg-config --libs $(PKG)) \
	    && printf 'PKG_CFLAGS := %s\nPKG_LIBS := %s\n' "$$cflags" "$$libs" >$@

# Loaded before the program by tests/e2e: without sanitizers, which come first.
$(FAULTS): tests/faults/kill_at.c
	$(call run,cc,$(CC) $(CPPFLAGS) -std=c11 -g -O1 $(WARN) -fPIC -shared -o $@ $<)
tests: $(TESTS) $(B)/dxcp $(FAULTS) $(GATE)
benches: $(BENCH) $(B)/dxcp
LINT    = CC='$(CC)' CHECK_CFLAGS='$(CPPFLAGS) $(CFLAGS)' JOBS='$(JOBS)'
variant = +@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=$(1) $(2)
demo:
	$(call variant,release,all)
	@ci/demo build/release/dxcp build/demo
check-crash:
	@ci/deps check
	$(call variant,debug,tests)
	@CRASH_ROUNDS=$(or $(CRASH_ROUNDS),400) CRASH_SEED=$(or $(CRASH_SEED),1) \
	    ci/prove build/debug tests/e2e/t2660-spinnaker-crash.sh
check-proofs:
	@ci/deps check go
	$(call variant,debug,tests)
	@tests/proofs/run build/debug
check-ledger:
	@ci/deps check
	$(call variant,debug,tests)
	@LEDGER_EDITS=$(or $(LEDGER_EDITS),20000) LEDGER_SEED=$(or $(LEDGER_SEED),1) \
	    ci/prove build/debug build/debug/tests/unit/test_ledger_verify
check-spin:
	@ci/deps check $(if $(SPIN),,spin)
	$(call variant,debug,tests)
	@tests/spin/run build/debug
check-pipelines:
	@ci/deps pipelines
	@ci/pipelines/lint
check-browser:
	@ci/deps check browser
	$(call variant,debug,build/debug/dxcp)
	@tests/browser/run build/debug
.PHONY: check-browser
check-sarif:
	@ci/deps check $(if $(SARIF_SCHEMA),,go)
	$(call variant,debug,build/debug/dxcp)
	@tests/sarif/run build/debug
check-feeds:
	@ci/deps check feeds
	$(call variant,debug,build/debug/dxcp)
	@ci/prove build/debug tests/feeds/t*.sh
check-junit:
	@ci/deps check junit
	$(call variant,debug,build/debug/dxcp)
	@tests/junit/run build/debug
.PHONY: check-junit
gate:
	@ci/deps check
	$(call variant,release,build/release/tests/gate/gate)
	@ci/gate build/release/tests/gate/gate build/gate
# Lint is one of the tests here, so that there is one verdict. The release is
# built because gcc warns of more as it optimises.
check test:
	@ci/deps check
	$(call variant,release,all)
	$(call variant,debug,tests)
	$(call variant,asan,tests)
	@$(LINT) ci/prove build/debug $(if $(filter check,$@),ci/lint) \
	    $(UNIT:%=build/debug/%) $(UNIT:%=build/asan/%) tests/conformance/run tests/e2e/t*.sh
check-asan:
	@ci/deps check
	$(call variant,asan,tests)
	@ci/prove build/asan tests/e2e/t*.sh
lint:
	@ci/deps check
	@$(LINT) ci/lint
golden:
	@ci/deps check
	$(call variant,debug,tests)
	@GOLDEN=rewrite ci/prove build/debug tests/e2e/t*.sh
bench:
	@ci/deps bench
	$(call variant,release,benches)
	@tests/bench/run build/release
peers-deps: # what bench compares with; the only step of it that downloads
	@ci/deps peers
	@tests/bench/peers/fetch
.PHONY: peers-deps
check-history:
	@ci/deps bench
	$(call variant,release,all)
	@tests/history/run build/release/dxcp $(HISTORY)
spinnaker-deps:
	@ci/deps spinnaker
	@ci/spinnaker/run fetch
opa-deps: # the only step of the two that downloads
	@ci/deps check
	@ci/opa fetch
check-opa:
	$(call variant,debug,tests)
	@ci/opa check tests/opa/t*.sh
.PHONY: opa-deps check-opa
check-spinnaker:
	$(call variant,debug,tests)
	@ci/spinnaker/run check tests/spinnaker/t*.sh
cover:
	@ci/deps check
	$(call variant,cov,tests)
	@find build/cov -name '*.gcda' -delete
	@ci/prove build/cov $(UNIT:%=build/cov/%) tests/e2e/t*.sh; \
	    status=$$?; ci/cover && exit $$status
install: all $(MAN)
	install -D -m 755 $(B)/dxcp $(DESTDIR)$(PREFIX)/bin/dxcp
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN) $(DESTDIR)$(PREFIX)/share/man/man1
$(B)/man/dxcp.1: $(B)/dxcp
	@mkdir -p $(@D) && $(B)/dxcp help --man >$@
$(B)/man/dxcp-%.1: $(B)/dxcp
	@mkdir -p $(@D) && $(B)/dxcp help --man $* >$@
clean: ; rm -rf build

.PHONY: all tests benches demo gate check-crash check-ledger check-proofs check-spin check-pipelines check-sarif check-feeds check test check-asan \
        check-history lint golden bench check-spinnaker spinnaker-deps cover \
        install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
