#include "render/markdown.h"

#include "render/html.h"

#include <cmark.h>

bool markdown_html(struct buf *out, struct str text)
{
	if (text.n > MARKDOWN_MAX_BYTES)
		return false;
	/* Without CMARK_OPT_UNSAFE cmark leaves out raw HTML and dangerous
	   addresses. */
	int options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
	char *html =
	        cmark_markdown_to_html(text.n ? text.s : "", text.n, options);
	html_clean(out, str_of(html));
	cmark_get_default_mem_allocator()->free(html);
	return true;
}
