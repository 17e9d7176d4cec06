#include "render/html.h"
#include "tests/lib/tap.h"

typedef void escape_fn(struct buf *out, struct str s);

struct example {
	const char *name, *text, *want;
};

static void run(const char *what, escape_fn *escape,
                const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new();
		struct buf out = buf_new(a, 4096);
		escape(&out, str_of(examples[i].text));
		is_str(buf_str(&out), examples[i].want, "%s: %s", what,
		       examples[i].name);
		arena_free(a);
	}
}
#define RUN(escape, examples) \
	run(#escape, escape, examples, sizeof examples / sizeof *examples)

static const struct example texts[] = {
        {"nothing", "", ""},
        {"plain text", "Deploy 1.4.2 to prod", "Deploy 1.4.2 to prod"},
        {"markup", "<b a=\"x\">&amp;</b>",
         "&lt;b a=&quot;x&quot;&gt;&amp;amp;&lt;/b&gt;"},
        {"markup at both ends", "<x>", "&lt;x&gt;"},
        {"tab and line ends stay", "a\tb\r\nc", "a\tb\r\nc"},
        {"other languages stay", "Zürich, 東京, 🚀", "Zürich, 東京, 🚀"},
        {"joined emoji stay", "👩\u200d💻", "👩\u200d💻"},
        {"control characters", "a\x01\x1b[31mb\x7f",
         "a\ufffd\ufffd[31mb\ufffd"},
        {"C1 control characters",
         "a\xc2\x85"
         "b\xc2\x9f",
         "a\ufffd"
         "b\ufffd"},
        {"the first character after them stays", "\xc2\xa0", "\xc2\xa0"},
        {"a stray byte",
         "a\xff"
         "b",
         "a\ufffd"
         "b"},
        {"a sequence cut short", "a\xe2\x82", "a\ufffd\ufffd"},
        {"a sequence cut short by markup", "\xe2<", "\ufffd&lt;"},
        {"an overlong form of <", "\xc0\xbc", "\ufffd\ufffd"},
        {"half a surrogate pair", "\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
        {"beyond Unicode", "\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
        {"noncharacters", "\xef\xbf\xbe|\xf4\x8f\xbf\xbf", "\ufffd|\ufffd"},
        {"right-to-left override", "a\u202egnp.exe", "a[U+202E]gnp.exe"},
        {"isolates", "\u2066x\u2069", "[U+2066]x[U+2069]"},
        {"zero-width space", "pro\u200bd", "pro[U+200B]d"},
        {"soft hyphen", "pro\u00add", "pro[U+00AD]d"},
        {"byte order mark", "\ufeffx", "[U+FEFF]x"},
        {"tag characters", "\U000e0041", "[U+E0041]"},
};

static const struct example quoted[] = {
        {"both quotes", "it's \"so\"", "it&#39;s &quot;so&quot;"},
        {"markup", "<&>", "&lt;&amp;&gt;"},
};

static const struct example unquoted[] = {
        {"an apostrophe stays", "it's", "it's"},
};

static const struct example cleaned[] = {
        {"markup stays", "<a href='x'>&amp;</a>", "<a href='x'>&amp;</a>"},
        {"overrides are shown", "<b>\u202e</b>", "<b>[U+202E]</b>"},
        {"control characters", "<b>\x02</b>", "<b>\ufffd</b>"},
};

static const struct example urls[] = {
        {"relative", "../services/a-b/index.html",
         "../services/a-b/index.html"},
        {"a fragment", "#top", "#top"},
        {"a query", "?a=1&b=2", "?a=1&amp;b=2"},
        {"an absolute path", "/x", "/x"},
        {"http", "http://ci.example/1", "http://ci.example/1"},
        {"https, with port", "https://ci.example:8443/a?b#c",
         "https://ci.example:8443/a?b#c"},
        {"letter case of the scheme", "HTTPS://ci.example/",
         "HTTPS://ci.example/"},
        {"mailto", "mailto:a@b.example", "mailto:a@b.example"},
        {"a colon later in a relative address", "a/b:c", "a/b:c"},
        {"a colon in a query", "?x=javascript:1", "?x=javascript:1"},
        {"percent signs stay", "a%20b", "a%20b"},
        {"quotes and brackets", "a\"b'c<d>e", "a%22b&#39;c%3Cd%3Ee"},
        {"spaces and backslashes", "a b\\c", "a%20b%5Cc"},
        {"text that is not ASCII", "zürich", "z%C3%BCrich"},
        {"an override", "a\u202e", "a%E2%80%AE"},
        {"nothing", "", "#"},
        {"javascript", "javascript:alert(1)", "#"},
        {"javascript in other letters", "JaVaScRiPt:alert(1)", "#"},
        {"javascript after a space", " javascript:alert(1)", "#"},
        {"javascript after a control character", "\x01javascript:alert(1)",
         "#"},
        {"javascript around a line end", "java\nscript:alert(1)", "#"},
        {"javascript around a tab", "java\tscript:alert(1)", "#"},
        {"javascript with an entity is a relative path", "javascript&#58;x",
         "javascript&amp;#58;x"},
        {"data", "data:text/html,<script>", "#"},
        {"vbscript", "vbscript:x", "#"},
        {"file", "file:///etc/passwd", "#"},
        {"another scheme that begins with http", "httpx://a", "#"},
        {"an empty scheme", "://a", "#"},
        {"another host without a scheme", "//evil.example/", "#"},
        {"a backslash is no slash", "\\\\evil.example", "%5C%5Cevil.example"},
        {"delete", "a\x7f", "#"},
        {"a user and a secret", "https://u:s@ci.example/", "#"},
        {"what looks like a host", "http://github.com@evil.example", "#"},
        {"an @ in a path", "https://ci.example/@a", "https://ci.example/@a"},
};

int main(void)
{
	RUN(html_text, texts);
	RUN(html_attr, texts);
	RUN(html_xml, texts);
	RUN(html_attr, quoted);
	RUN(html_xml, quoted);
	RUN(html_text, unquoted);
	RUN(html_clean, cleaned);
	RUN(html_url, urls);

	struct arena *a = arena_new();
	struct buf out = buf_new(a, 64);
	html_text(&out, (struct str){"a\0<", 3});
	is_str(buf_str(&out), "a\ufffd&lt;", "a NUL byte is replaced");
	ok(!html_url_allowed((struct str){"a\0b", 3}),
	   "an address with a NUL byte is refused");
	struct buf small = buf_new(a, 5);
	html_text(&small, STR("<<<<"));
	ok(small.full && small.n <= 5, "the cap of the buffer holds");
	arena_free(a);
	return tap_done();
}
