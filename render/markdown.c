#include "render/markdown.h"

#include "render/html.h"

#include <cmark.h>

/* Examples may be wider than a phone: the keyboard has to get into them to
   scroll. Text never has a '<' here. */
static void add_html(struct buf *out, struct str html)
{
	const struct str pre = STR("<pre>"), open = STR("<pre tabindex=\"0\">");
	size_t from = 0;
	for (size_t i = 0; i < html.n; i++) {
		if (!str_starts(str_from(html, i), pre))
			continue;
		html_clean(out, (struct str){html.s + from, i - from});
		buf_add(out, open);
		from = i + pre.n;
	}
	html_clean(out, str_from(html, from));
}

bool markdown_html(struct buf *out, struct str text)
{
	if (text.n > MARKDOWN_MAX_BYTES)
		return false;
	/* Without CMARK_OPT_UNSAFE cmark leaves out raw HTML and dangerous
	   addresses. */
	int options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
	char *html =
	        cmark_markdown_to_html(text.n ? text.s : "", text.n, options);
	add_html(out, str_of(html));
	cmark_get_default_mem_allocator()->free(html);
	return true;
}
