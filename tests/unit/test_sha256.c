#include "core/sha256.h"
#include "tests/lib/tap.h"

#include <string.h>

int main(void)
{
	struct arena *a = arena_new();
	/* The examples of FIPS 180-2, appendix B, and the empty message. */
	is_str(str_of(sha256_of(STR("")).s),
	       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	       "nothing");
	is_str(str_of(sha256_of((struct str){NULL, 0}).s),
	       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	       "nothing nowhere");
	is_str(str_of(sha256_of(STR("abc")).s),
	       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	       "one block");
	is_str(str_of(sha256_of(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmkl"
	                            "mnlmnomnopnopq"))
	                      .s),
	       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	       "two blocks");
	size_t n = 1000000;
	char *million = arena_alloc(a, n);
	memset(million, 'a', n);
	is_str(str_of(sha256_of((struct str){million, n}).s),
	       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	       "a million letters");

	const struct str parts[] = {STR("a"), STR(""), STR("bc")};
	is_str(str_of(sha256_of_parts(parts, 3).s), sha256_of(STR("abc")).s,
	       "pieces are taken one after the other");
	is_str(str_of(sha256_of_parts(NULL, 0).s), sha256_of(STR("")).s,
	       "no pieces are nothing");
	is_str(str_of(sha256_of((struct str){"a\0b", 3}).s),
	       "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138",
	       "NUL counts");

	/* printf 'repo-1\nintents/checkout/a.yaml\n0123..\n' | sha256sum */
	const struct str repository = STR("repo-1");
	const struct str path = STR("intents/checkout/a.yaml");
	const struct str blob = STR("0123456789abcdef0123456789abcdef01234567");
	is_str(sha256_token(a, repository, path, blob),
	       "dxcp-d6ef9c4a7518eb3f74168020308d1353", "a token");
	ok(!str_eq(sha256_token(a, STR("ab"), STR("c"), blob),
	           sha256_token(a, STR("a"), STR("bc"), blob)),
	   "its parts do not run into each other");
	arena_free(a);
	return tap_done();
}
