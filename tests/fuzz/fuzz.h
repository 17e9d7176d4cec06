/*
 * fuzz: the entry points of the fuzz targets.
 *
 * tests/unit/test_fuzz_corpus.c calls each for all files of its corpus. With
 * FUZZER defined a target is built alone, for libFuzzer:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -DFUZZER -I. \
 *	    -D_POSIX_C_SOURCE=200809L -DARENA_ONE_BLOCK_EACH -o build/fuzz_yaml
 *\ tests/fuzz/fuzz_yaml.c build/asan/dxcp.a -lyaml build/fuzz_yaml
 *-max_total_time=60 build/found tests/fuzz/corpus/yaml
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#ifdef FUZZER
#define FUZZ_TARGET(name) LLVMFuzzerTestOneInput
#else
#define FUZZ_TARGET(name) fuzz_##name
#endif

/* Always 0; what should not be is an assertion's or a sanitizer's to tell. */
int FUZZ_TARGET(yaml)(const uint8_t *data, size_t size);
int FUZZ_TARGET(policy)(const uint8_t *data, size_t size);
int FUZZ_TARGET(execution)(const uint8_t *data, size_t size);

#endif
