#include "runner/redact.h"
#include "tests/lib/tap.h"

#include <string.h>

static const struct {
	const char *name, *in, *out;
} cases[] = {
        {"plain text stays", "deployed 1.4.2\nto prod\tin 3 s\n",
         "deployed 1.4.2\nto prod\tin 3 s\n"},
        {"nothing", "", ""},
        {"one word that names a secret", "password", "password"},
        {"one word, and a sign", "password:x", "password:***"},
        {"one word, and another sign", "--token=x", "--token=***"},
        {"one word with a query", "/a?sig=x&b", "/a?sig=***&b"},
        {"one word, quoted", "\"Bearer\"", "\"Bearer\""},
        {"one word with a control character",
         "ab\x01"
         "c\x7f",
         "abc"},
        {"one word that is no UTF-8", "ab\xff", "ab\xef\xbf\xbd"},
        {"a tab between", "Bearer\tabc", "Bearer\t***"},
        {"a bearer token", "sent Bearer abc.def-1 twice",
         "sent Bearer *** twice"},
        {"in any case of letters", "BEARER abc", "BEARER ***"},
        {"the word alone", "the bearer\nof news", "the bearer\nof news"},
        {"a header", "> Authorization: Basic dXNlcjpwYXNz and more\n> Host: x",
         "> Authorization: ***\n> Host: x"},
        {"a header of lower case", "proxy-authorization:Digest a, b",
         "proxy-authorization:***"},
        {"a header in a command", "curl -H 'Authorization: Bearer x y' url",
         "curl -H 'Authorization: ***' url"},
        {"a header in JSON", "{\"authorization\": \"Bearer abc\", \"a\": 1}",
         "{\"authorization\": \"***\", \"a\": 1}"},
        {"basic credentials", "Basic dXNlcjpwYXNz", "Basic ***"},
        {"and not a sentence", "Basic authentication failed",
         "Basic authentication failed"},
        {"cookies", "Cookie: a=1; b=2\nSet-Cookie: SID=x; Path=/\n",
         "Cookie: ***\nSet-Cookie: ***\n"},
        {"a password", "password=hunter2 user=ana", "password=*** user=ana"},
        {"a password of the environment", "DB_PASSWORD=a&b;c next",
         "DB_PASSWORD=*** next"},
        {"with a colon", "Password: hunter2\n", "Password: ***\n"},
        {"with spaces about", "token = abc", "token = ***"},
        {"quoted, with spaces", "secret='a b c' d", "secret='***' d"},
        {"quoted, with a quote inside", "secret: \"a\\\"b\" d",
         "secret: \"***\" d"},
        {"quoted, without an end", "secret=\"a b\nnext", "secret=\"***\nnext"},
        {"JSON", "{\"apiKey\":\"k\",\"user\":\"ana\",\"client_secret\":\"s\"}",
         "{\"apiKey\":\"***\",\"user\":\"ana\",\"client_secret\":\"***\"}"},
        {"JSON in JSON", "\"{\\\"token\\\":\\\"abc\\\",\\\"n\\\":1}\"",
         "\"{\\\"token\\\":\\\"***\\\",\\\"n\\\":1}\""},
        {"JSON in JSON in JSON",
         "{\\\\\\\"token\\\\\\\":\\\\\\\"abc\\\\\\\",\\\\\\\"n\\\\\\\":1}",
         "{\\\\\\\"token\\\\\\\":\\\\\\\"***\\\\\\\",\\\\\\\"n\\\\\\\":1}"},
        {"a quote inside JSON in JSON",
         "{\\\"token\\\":\\\"a\\\\\\\"b\\\",\\\"n\\\":1}",
         "{\\\"token\\\":\\\"***\\\",\\\"n\\\":1}"},
        {"a backslash at the end of JSON in JSON",
         "{\\\"token\\\":\\\"a\\\\\\\\\\\",\\\"n\\\":1}",
         "{\\\"token\\\":\\\"***\\\",\\\"n\\\":1}"},
        {"a backslash at the end", "{\"token\":\"a\\\\\",\"n\":1}",
         "{\"token\":\"***\",\"n\":1}"},
        {"a permission", "required authorization: WRITE",
         "required authorization: WRITE"},
        {"no permission", "authorization: WRITE abc", "authorization: ***"},
        {"an arrow", ":password=>\"x\"", ":password=>\"***\""},
        {"a scheme before the secret", "auth_token: Bearer abc def",
         "auth_token: *** def"},
        {"an option", "tool --password hunter2 --verbose",
         "tool --password *** --verbose"},
        {"an option with =", "tool --api-key=k1 x", "tool --api-key=*** x"},
        {"an option without a value", "--password --verbose",
         "--password --verbose"},
        {"a user of curl", "curl -u ana:hunter2 url", "curl -u *** url"},
        {"another -u", "sort -u names", "sort -u names"},
        {"user information of a URL",
         "clone https://ana:p@ss@example.com/x failed",
         "clone https://***@example.com/x failed"},
        {"a token as the user", "https://ghp_123@example.com",
         "https://***@example.com"},
        {"an @ in a path", "https://example.com/@ana/x",
         "https://example.com/@ana/x"},
        {"an @ in a query", "https://example.com?to=a@b",
         "https://example.com?to=a@b"},
        {"a bare URL", "see https://example.com/a?page=2#top.",
         "see https://example.com/a?page=2#top."},
        {"secret parameters",
         "GET /a?access_token=abc&page=2&X-Amz-Signature=ff&key=k#x",
         "GET /a?access_token=***&page=2&X-Amz-Signature=***&key=***#x"},
        {"a secret in a fragment", "http://x/#id_token=abc&state=1",
         "http://x/#id_token=***&state=1"},
        {"key and code outside of a query", "key=3 exit code=1",
         "key=3 exit code=1"},
        {"a word that only begins so", "passwordless login, tokens left",
         "passwordless login, tokens left"},
        {"an empty value", "password:\nnext", "password:\nnext"},
        {"masked already", "password=*** Bearer *** https://***@x Cookie: ***",
         "password=*** Bearer *** https://***@x Cookie: ***"},
        {"a name cut by a control character", "pass\001word=hunter2",
         "password=***"},
        {"a name cut by a terminal escape", "pass\033[1mword=hunter2\033[0m",
         "password=***"},
        {"colours", "\033[31;1mfailed\033[0m now", "failed now"},
        {"a title", "\033]0;title\afailed", "failed"},
        {"a title without an end", "\033]0;title\nfailed", "\nfailed"},
        {"an escape at the end", "x\033", "x"},
        {"half a sequence at the end", "x\033[3", "x"},
        {"line ends", "a\r\nb\rc\n", "a\nb\nc\n"},
        {"C1 control characters",
         "a\xC2\x9B"
         "b\xC2\xA0"
         "c",
         "ab\xC2\xA0"
         "c"},
        {"bytes that are no UTF-8", "a\xFF\xC3(b\xE2\x82",
         "a\xEF\xBF\xBD\xEF\xBF\xBD(b\xEF\xBF\xBD\xEF\xBF\xBD"},
};

static void table(struct arena *a)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str once = redact(a, str_of(cases[i].in));
		is_str(once, cases[i].out, "%s", cases[i].name);
		if (!str_eq(redact(a, once), once))
			ok(false, "%s: masked twice is masked once",
			   cases[i].name);
	}
	struct str nul = redact(a, (struct str){"a\0b", 3});
	is_str(nul, "ab", "NUL goes");
}

static void ends(struct arena *a)
{
	char text[1000];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 10 == 9 ? '\n' : 'x';
	struct str all = {text, sizeof text};
	ok(str_eq(redact_end(a, all, 1000), all), "what fits is whole");
	struct str end = redact_end(a, all, 999);
	ok(end.n <= 999 && str_starts(end, STR("...\nxxxxxxxxx\n")) &&
	           str_ends(all, str_from(end, 4)),
	   "one byte less: from the start of a line");
	memset(text, 'x', sizeof text);
	is_int((int64_t)redact_end(a, all, 64).n, 64,
	       "without lines, just as much as fits");
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\xC3\xA9", 2);
	end = redact_end(a, all, 65);
	ok(end.n <= 65 && str_is_utf8(end, NULL), "no character is cut in two");
	struct str secret = redact_end(
	        a,
	        str_format(a, "Bearer %064d%s", 0,
	                   " and sixty bytes more, so that the cut would be "
	                   "inside the token"),
	        100);
	ok(!str_contains(secret, STR("0000")),
	   "masked before it is cut: %" STR_FMT, STR_ARG(secret));
}

/* 64 KiB of anything takes no time to speak of: each is one pass. */
static void hostile(struct arena *a)
{
	static const char *const pieces[] = {
	        "/a",    "://",         "password ",
	        "\"",    "\\",          "\033[",
	        "\xFF",  "Bearer ",     "a=",
	        "-u a:", "@",           "\033]",
	        "\\",    "password=\\", "\"a\": \\\\\\\""};
	enum { SIZE = 64 * 1024 };
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		char *text = arena_alloc(a, SIZE);
		size_t n = strlen(pieces[i]);
		for (size_t k = 0; k + n <= SIZE; k += n)
			memcpy(text + k, pieces[i], n);
		struct str out = redact(a, (struct str){text, SIZE});
		if (!str_is_utf8(out, NULL) || !str_eq(redact(a, out), out))
			ok(false, "64 KiB of %s", pieces[i]);
	}
	ok(true, "repeated pieces of syntax");
}

int main(void)
{
	struct arena *a = arena_new();
	table(a);
	ends(a);
	hostile(a);
	arena_free(a);
	return tap_done();
}
