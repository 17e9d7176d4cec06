#include "core/source.h"

#include <string.h>

/* Offsets are 32 bits wide; no file that is read comes near. */
static uint32_t length(const struct source *src)
{
	return src->text.n < UINT32_MAX ? (uint32_t)src->text.n : UINT32_MAX;
}

struct source *source_new(struct arena *a, struct str path, struct str text)
{
	struct source *src = ARENA_NEW(a, struct source);
	src->path = path;
	src->text = text;
	src->arena = a;
	return src;
}

static uint32_t count_lines(struct str text)
{
	uint32_t n = 1;
	struct str head;
	while (str_cut(text, '\n', &head, &text))
		n++;
	return n;
}

/*
 * The one thing that changes in a source that is only read: its table is made
 * late, because most files are never asked for a place.
 */
static void make_lines(const struct source *src)
{
	if (src->nlines)
		return;
	struct source *mine = (struct source *)src;
	struct str rest = str_head(src->text, length(src)), line;
	mine->nlines = count_lines(rest);
	mine->ascii = str_is_ascii(rest);
	mine->lines = arena_array(src->arena, mine->nlines, sizeof *src->lines);
	if (str_starts(rest, STR("\xEF\xBB\xBF")))
		mine->lines[0] = 3;
	uint32_t at = 0;
	for (uint32_t i = 1; str_cut(rest, '\n', &line, &rest); i++) {
		at += (uint32_t)line.n + 1;
		mine->lines[i] = at;
	}
}

/* Index of the last line that starts at or before offset. */
static uint32_t line_of(const struct source *src, uint32_t offset)
{
	uint32_t low = 0, high = src->nlines;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (src->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct place source_place(const struct source *src, uint32_t offset)
{
	make_lines(src);
	if (offset > length(src))
		offset = length(src);
	uint32_t line = line_of(src, offset), start = src->lines[line];
	uint32_t before = offset > start ? offset - start : 0;
	if (!src->ascii)
		before = (uint32_t)str_code_points(
		        str_head(str_from(src->text, start), before));
	return (struct place){line + 1, before + 1};
}

struct str source_line(const struct source *src, uint32_t line)
{
	make_lines(src);
	if (line < 1 || line > src->nlines)
		return STR("");
	struct str rest = str_head(src->text, length(src)), text, tail;
	bool ended = str_cut(str_from(rest, src->lines[line - 1]), '\n', &text,
	                     &tail);
	if (ended && str_ends(text, STR("\r")))
		text.n--;
	return text;
}

struct span source_whole(const struct source *src)
{
	return (struct span){src, 0, length(src)};
}

struct location location_of(struct span span)
{
	if (!span.src)
		return (struct location){0};
	struct place start = source_place(span.src, span.start);
	struct place end = source_place(span.src, span.end);
	return (struct location){span.src->path, start.line, start.column,
	                         end.line, end.column};
}

struct source *source_keep(struct arena *a, const struct source *src)
{
	return source_new(a, str_copy(a, src->path), str_copy(a, src->text));
}
