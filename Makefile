# DXCP. Targets: all (release build), check, demo, bench, lint, golden, cover,
# install, clean. VARIANT=debug|release|asan|cov chooses build/VARIANT/.
VARIANT ?= release
B       := build/$(VARIANT)
PKG     := libgit2 yaml-0.1 sqlite3 jansson libcmark libcrypto libpcre2-8

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wswitch-enum -Wvla -Wformat=2 -Wundef -Werror
OPT_debug   := -Og
OPT_release := -O2
OPT_asan    := -Og -fsanitize=address,undefined -fno-sanitize-recover=all \
               -fno-omit-frame-pointer -DARENA_ONE_BLOCK_EACH
OPT_cov     := -O0 --coverage
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L
CFLAGS   += -std=c11 -g $(WARN) $(OPT_$(VARIANT)) $(shell pkg-config --cflags $(PKG))
LDLIBS   += $(shell pkg-config --libs $(PKG))

obj   = $(patsubst %.c,$(B)/%.o,$(1))
LIB   := $(call obj,$(filter-out runner/main.c,$(wildcard core/*.c runner/*.c runner/guards/*.c render/*.c)))
TAP   := $(call obj,$(wildcard tests/lib/*.c))
TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))

all: $(B)/dxcp
$(B)/dxcp: $(B)/runner/main.o $(LIB)
$(TESTS): %: %.o $(TAP) $(LIB)
$(B)/dxcp $(TESTS): ; $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/%.o: %.c ; @mkdir -p $(@D); $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean: ; rm -rf build
.PHONY: all clean
.DELETE_ON_ERROR:
.SECONDARY:
