#include "render/markdown.h"
#include "tests/lib/tap.h"

#include <string.h>

static const struct {
	const char *name, *text, *want;
} examples[] = {
        {"nothing", "", ""},
        {"a paragraph", "Hello *there*.", "<p>Hello <em>there</em>.</p>\n"},
        {"a heading and a list", "# A\n\n- b\n- c\n",
         "<h1>A</h1>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n"},
        {"text is escaped", "a < b & \"c\"",
         "<p>a &lt; b &amp; &quot;c&quot;</p>\n"},
        {"quotes and dashes stay", "\"it's\" -- so...",
         "<p>&quot;it's&quot; -- so...</p>\n"},
        {"links", "[a](../b.html \"t\")",
         "<p><a href=\"../b.html\" title=\"t\">a</a></p>\n"},
        {"javascript links lead nowhere", "[a](javascript:alert(1))",
         "<p><a href=\"\">a</a></p>\n"},
        {"nor when written with entities", "[a](java&#115;cript:alert(1))",
         "<p><a href=\"\">a</a></p>\n"},
        {"raw HTML blocks are left out", "<script>x</script>\n",
         "<!-- raw HTML omitted -->\n"},
        {"raw HTML in a line is left out", "a <b onclick=x>c</b>",
         "<p>a <!-- raw HTML omitted -->c<!-- raw HTML omitted --></p>\n"},
        {"code is escaped", "`<b>`", "<p><code>&lt;b&gt;</code></p>\n"},
        {"bytes that are not UTF-8", "a\xff", "<p>a\ufffd</p>\n"},
        {"a table", "|a|*b*|\n|---|:-:|\n| `x\\|y` | 2 |\n|3|\n|4|5|6|\n",
         "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead>\n"
         "<tr><th scope=\"col\">a</th><th scope=\"col\"><em>b</em></th></tr>\n"
         "</thead>\n<tbody>\n"
         "<tr><td><code>x|y</code></td><td>2</td></tr>\n"
         "<tr><td>3</td><td></td></tr>\n"
         "<tr><td>4</td><td>5</td></tr>\n"
         "</tbody>\n</table></div>\n"},
        {"tables among paragraphs, with other line ends",
         "p\r\n\r\n|a|\r\n|-|\r\n|<b>x|\r\n\r\nq\r\n",
         "<p>p</p>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead>\n<tr><th scope=\"col\">a</th></tr>\n"
         "</thead>\n<tbody>\n<tr><td><!-- raw HTML omitted -->x</td></tr>\n"
         "</tbody>\n</table></div>\n<p>q</p>\n"},
        {"bars without a rule are text", "|a|b|\n|c|d|\n",
         "<p>|a|b|\n|c|d|</p>\n"},
        {"and so is what goes on without a bar", "|a|\n|-|\nb\n",
         "<p>|a|\n|-|\nb</p>\n"},
        {"overrides are shown", "a\u202e", "<p>a[U+202E]</p>\n"},
};

static void test_limit(struct arena *a)
{
	char *text = arena_alloc(a, MARKDOWN_MAX_BYTES + 1);
	memset(text, 'x', MARKDOWN_MAX_BYTES + 1);
	struct buf out = buf_new(a, 1 << 20);
	ok(markdown_html(&out, (struct str){text, MARKDOWN_MAX_BYTES}),
	   "256 KiB are read");
	buf_reset(&out);
	ok(!markdown_html(&out, (struct str){text, MARKDOWN_MAX_BYTES + 1}),
	   "a byte more is refused");
	is_int((int64_t)out.n, 0, "and gives nothing");
	/* Tables of as many cells as fit, and of very many columns. */
	for (size_t i = 0; i < MARKDOWN_MAX_BYTES; i++)
		text[i] = "|\n|-\n"[i % 5];
	memcpy(text, "|a\n|-\n", 6);
	buf_reset(&out);
	ok(markdown_html(&out, (struct str){text, MARKDOWN_MAX_BYTES}),
	   "a long table is read");
	for (size_t i = 0; i < MARKDOWN_MAX_BYTES; i++)
		text[i] = i < 60000    ? '|'
		          : i == 60000 ? '\n'
		          : i < 120000 ? "|-"[i % 2]
		                       : "\n|"[i % 2];
	buf_reset(&out);
	ok(markdown_html(&out, (struct str){text, MARKDOWN_MAX_BYTES}),
	   "a broad one is none");
	/* A nest that would overflow the stack of a recursive renderer. */
	memset(text, '>', MARKDOWN_MAX_BYTES);
	ok(markdown_html(&out, (struct str){text, 50000}),
	   "50,000 quotes in quotes are read");
}

int main(void)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct buf out = buf_new(a, 4096);
		markdown_html(&out, str_of(examples[i].text));
		is_str(buf_str(&out), examples[i].want, "%s", examples[i].name);
	}
	test_limit(a);
	arena_free(a);
	return tap_done();
}
