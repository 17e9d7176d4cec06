#include "runner/gate_filter.h"

#include "core/json.h"
#include "core/when.h"
#include "runner/gate_document.h"

#include <yajl/yajl_parse.h>

#include <assert.h>
#include <string.h>

enum {
	ROWS_MAX = 64,      /* of one table: a set of rows is 64 bits */
	SEGMENTS_MAX = 8,   /* of a path */
	STRING_MAX = 16384, /* bytes of a string that the parser gets to see */
	ESCAPE_BEGUN = 9,   /* after a backslash: how many more is not known */
	WORD_MAX = 400,     /* of a number: Java writes long ones in full */
	CAPTURE_DEPTH = 16, /* of a member that is kept as JSON */
	CAPTURE_STRING = 1024,
	KEPT_OF_ALL_MAX = 64 * 1024 * 1024,
	CUT_BACK = 256, /* how far to look for a space to cut at */
};

/* --- what is kept --------------------------------------------------------- */

enum take {
	TAKE_TEXT, /* text, number, boolean: the last one counts */
	TAKE_JSON, /* that, or a list or object as JSON */
	TAKE_ALL,  /* as TAKE_JSON, each on a line of its own */
	TAKE_MS,   /* a time: milliseconds, or ISO 8601 */
	TAKE_NUMBER,
	TAKE_FLAG,
	TAKE_STAGE, /* the object is a stage, with a table of its own */
};

struct row {
	const char *path; /* by '/'; "[]" any item, "*" any key */
	enum take take;
	size_t offset, max;
};

#define ROW(type, path_, take_, field, max_)                                   \
	{                                                                      \
		.path = path_, .take = take_, .offset = offsetof(type, field), \
		.max = max_                                                    \
	}
/* A stage and its trouble while it is read. */
struct whole_stage {
	struct gate_stage stage;
	struct gate_trouble trouble;
};

enum { ID = 128, NAME = 256, LINE = 1024, TEXT = 4096 }; /* bytes */

static const struct row execution_rows[] = {
#define EXECUTION(path, take, field, max) \
	ROW(struct gate_document, path, TAKE_##take, field, max),
#define STAGE(path, take, field, max)
#define TROUBLE(path, take, field, max)
#include "runner/gate_filter.def"
#undef EXECUTION
#undef STAGE
#undef TROUBLE
};

static const struct row stage_rows[] = {
#define EXECUTION(path, take, field, max)
#define STAGE(path, take, field, max) \
	ROW(struct whole_stage, path, TAKE_##take, stage.field, max),
#define TROUBLE(path, take, field, max) \
	ROW(struct whole_stage, path, TAKE_##take, trouble.field, max),
#include "runner/gate_filter.def"
#undef EXECUTION
#undef STAGE
#undef TROUBLE
};

/* A table, with its paths cut and room for its texts. */
struct table {
	const struct row *rows;
	size_t n;
	struct path {
		struct str segments[SEGMENTS_MAX];
		size_t n;
	} paths[ROWS_MAX];
	char *room[ROWS_MAX];
	void *out; /* what the offsets are into */
	uint64_t all;
};

struct frame {
	uint64_t rows;  /* that agree with the way down to here */
	uint64_t items; /* of an array: that agree with its items, too */
	bool array;
};

enum part { BEFORE, IN_LIST, IN_EXECUTION, IN_STAGE, AFTER };

struct gate_filter {
	struct arena *arena;
	yajl_handle parser;
	struct fail fail;
	/* Where we are in the text of the document: for long strings. */
	bool in_string, dropping;
	unsigned escape; /* bytes of an escape that are still to come */
	size_t length;   /* of this string, or this word outside of strings */
	/* Where we are in its structure. */
	enum part part;
	bool in_root_list;
	struct table *table; /* of the part */
	struct table execution, stage;
	struct frame frames[2 * SEGMENTS_MAX];
	size_t nframes;  /* containers open within this part */
	size_t outer;    /* those of the execution around a stage */
	uint64_t agree;  /* the rows that the next value is for, or below */
	size_t skipping; /* containers open that hold nothing for us */
	size_t depth;    /* of all */
	struct jw json;  /* where `capturing`: a member kept as JSON */
	struct buf text;
	size_t capturing; /* containers open in it */
	size_t hidden;    /* of them, below CAPTURE_DEPTH */
	struct gate_document now;
	struct whole_stage stage_now;
	struct gate_documents done;
	size_t kept; /* of all in done */
};

/* --- fields ----------------------------------------------------------------
 */

static void table_init(struct table *t, struct arena *a, const struct row *rows,
                       size_t n, void *out)
{
	assert(n <= ROWS_MAX);
	t->rows = rows;
	t->n = n;
	t->out = out;
	t->all = n == 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
	for (size_t i = 0; i < n; i++) {
		struct str rest = str_of(rows[i].path), segment;
		struct path *p = &t->paths[i];
		while (str_next(&rest, '/', &segment)) {
			assert(p->n < SEGMENTS_MAX);
			p->segments[p->n++] = segment;
		}
		if (rows[i].max)
			t->room[i] = arena_text(a, rows[i].max);
	}
}

/* Of `rows`, those that have this segment at that place. */
static uint64_t agreeing(const struct table *t, uint64_t rows, size_t at,
                         struct str segment)
{
	uint64_t out = 0;
	for (size_t i = 0; i < t->n && rows >> i; i++) {
		const struct path *p = &t->paths[i];
		if (rows >> i & 1 && at < p->n &&
		    (str_eq(p->segments[at], segment) ||
		     str_is(p->segments[at], "*")))
			out |= (uint64_t)1 << i;
	}
	return out;
}

/* The start of a text: so cut that no secret loses the name or the '@' by
   which it is known, and no character is halved. */
static struct str cut(struct str text, size_t max)
{
	if (text.n <= max)
		return text;
	size_t n = max, back = max / 4 < CUT_BACK ? max / 4 : CUT_BACK;
	while (n && max - n < back && text.s[n - 1] != ' ' &&
	       text.s[n - 1] != '\n')
		n--;
	while (n && ((unsigned char)text.s[n] & 0xC0) == 0x80)
		n--;
	return str_head(text, n);
}

static void put_text(struct table *t, size_t row, struct str text, bool add)
{
	const struct row *r = &t->rows[row];
	struct str *field = (struct str *)(void *)((char *)t->out + r->offset);
	size_t n = add ? field->n : 0;
	if (add && n && n < r->max)
		t->room[row][n++] = '\n';
	text = cut(text, r->max - n);
	if (text.n)
		memcpy(t->room[row] + n, text.s, text.n);
	*field = (struct str){t->room[row], n + text.n};
}

/* "2026-08-21T18:26:46.757+0000", as an older Jackson writes it, too. */
static int64_t milliseconds(struct str text)
{
	static const int64_t last = 253402300799; /* of the year 9999 */
	char iso[40];
	int64_t t;
	if (str_int(text, &t))
		return t >= 0 && t / 1000 <= last ? t : 0;
	if (text.n < 20 || text.n + 1 > sizeof iso)
		return 0;
	memcpy(iso, text.s, text.n);
	size_t n = text.n;
	if ((iso[n - 5] == '+' || iso[n - 5] == '-') && iso[10] == 'T') {
		iso[n] = iso[n - 1];
		iso[n - 1] = iso[n - 2];
		iso[n - 2] = ':';
		n++;
	}
	if (!when_parse((struct str){iso, n}, &t) || t < 0)
		return 0;
	return t * 1000;
}

static void put_value(struct gate_filter *f, size_t row, struct str text)
{
	struct table *t = f->table;
	void *field = (char *)t->out + t->rows[row].offset;
	int64_t n = 0;
	switch (t->rows[row].take) {
	case TAKE_TEXT:
	case TAKE_JSON:
		put_text(t, row, text, false);
		break;
	case TAKE_ALL:
		put_text(t, row, text, true);
		break;
	case TAKE_MS:
		*(int64_t *)field = milliseconds(text);
		break;
	case TAKE_NUMBER:
		*(int64_t *)field = str_int(text, &n) ? n : 0;
		break;
	case TAKE_FLAG:
		*(bool *)field = str_is(text, "true");
		break;
	case TAKE_STAGE:
		break;
	}
}

/* The rows whose whole path is the way to the value that comes now. */
static uint64_t rows_here(const struct gate_filter *f)
{
	uint64_t out = 0;
	for (size_t i = 0; f->agree >> i && i < f->table->n; i++)
		if (f->agree >> i & 1 && f->table->paths[i].n == f->nframes)
			out |= (uint64_t)1 << i;
	return out;
}

static void put(struct gate_filter *f, uint64_t rows, struct str text)
{
	for (size_t i = 0; i < f->table->n && rows >> i; i++)
		if (rows >> i & 1)
			put_value(f, i, text);
}

/* --- executions and stages --------------------------------------------------
 */

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_is(s, *words))
			return true;
	return false;
}

/* Copy the texts of a table's fields into the arena, as far as there is room
   for them in this execution. */
static void keep_texts(struct gate_filter *f, const struct table *t,
                       size_t first, size_t end, size_t max)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct row *r = &t->rows[i];
		struct str *field =
		        (struct str *)(void *)((char *)t->out + r->offset);
		if (r->offset < first || r->offset >= end || !r->max)
			continue;
		if (f->now.kept + field->n > max) {
			f->now.cut = true;
			*field = (struct str){"", 0};
			continue;
		}
		*field = str_copy(f->arena, *field);
		f->now.kept += field->n;
	}
}

/* What is of no account takes at most half, so that what failed has room even
   at the end of a long pipeline. */
static void end_stage(struct gate_filter *f)
{
	static const char *const fine[] = {"SUCCEEDED", "SKIPPED",
	                                   "NOT_STARTED", NULL};
	static const char *const failed[] = {
	        "TERMINAL", "STOPPED", "FAILED_CONTINUE", "CANCELED", NULL};
	struct whole_stage *w = &f->stage_now;
	bool is_top = !w->stage.parent.n;
	bool trouble = is_one_of(w->stage.status, failed);
	size_t size = sizeof w->stage + (trouble ? sizeof w->trouble : 0);
	size_t max = trouble ? GATE_KEPT_MAX : GATE_KEPT_MAX / 2;
	f->now.top_level += is_top;
	if (!is_top && is_one_of(w->stage.status, fine))
		return;
	if (f->now.kept + size > max) {
		f->now.cut = true;
		return;
	}
	f->now.kept += size;
	const size_t middle = offsetof(struct whole_stage, trouble);
	keep_texts(f, &f->stage, 0, middle, max);
	if (trouble) {
		struct gate_trouble *kept =
		        ARENA_NEW(f->arena, struct gate_trouble);
		keep_texts(f, &f->stage, middle, sizeof *w, max);
		*kept = w->trouble;
		w->stage.trouble = kept;
	}
	*vec_add(f->arena, &f->now.stages) = w->stage;
}

static void begin_stage(struct gate_filter *f)
{
	f->stage_now = (struct whole_stage){0};
	f->part = IN_STAGE;
	f->table = &f->stage;
	f->outer = f->nframes;
	f->nframes = 0;
	f->agree = f->stage.all;
}

static void begin_execution(struct gate_filter *f)
{
	f->now = (struct gate_document){0};
	f->part = IN_EXECUTION;
	f->table = &f->execution;
	f->nframes = 0;
	f->agree = f->execution.all;
}

static void end_execution(struct gate_filter *f)
{
	f->part = f->in_root_list ? IN_LIST : AFTER;
	keep_texts(f, &f->execution, 0, sizeof f->now, SIZE_MAX);
	if (f->done.documents.n >= GATE_DOCUMENTS_MAX ||
	    f->kept + f->now.kept > KEPT_OF_ALL_MAX) {
		f->done.left_out++;
		return;
	}
	f->kept += f->now.kept;
	struct gate_document *kept = ARENA_NEW(f->arena, struct gate_document);
	*kept = f->now;
	*vec_add(f->arena, &f->done.documents) = kept;
}

/* --- the way down ------------------------------------------------------------
 */

static void capture(struct gate_filter *f, bool array)
{
	buf_reset(&f->text);
	f->json = jw_new(&f->text);
	jw_open(&f->json, array ? '[' : '{');
	f->capturing = 1;
}

static void capture_open(struct gate_filter *f, bool array)
{
	f->capturing++;
	if (f->capturing <= CAPTURE_DEPTH) {
		jw_open(&f->json, array ? '[' : '{');
		return;
	}
	if (!f->hidden++)
		jw_str(&f->json, STR("..."));
}

static uint64_t rows_that_take(const struct gate_filter *f, bool json)
{
	uint64_t here = rows_here(f), out = 0;
	for (size_t i = 0; here >> i && i < f->table->n; i++) {
		enum take take = f->table->rows[i].take;
		bool fits = json ? take == TAKE_JSON || take == TAKE_ALL
		                 : take == TAKE_STAGE;
		if (here >> i & 1 && fits)
			out |= (uint64_t)1 << i;
	}
	return out;
}

static void capture_close(struct gate_filter *f)
{
	f->capturing--;
	if (f->hidden) {
		f->hidden--;
		return;
	}
	jw_close(&f->json);
	if (f->capturing)
		return;
	struct str text = buf_str(&f->text);
	put(f, rows_that_take(f, true),
	    f->text.full ? cut(text, text.n - 1) : text);
}

static void push(struct gate_filter *f, bool array)
{
	assert(f->outer + f->nframes < 2 * SEGMENTS_MAX);
	struct frame *frame = &f->frames[f->outer + f->nframes];
	*frame = (struct frame){.rows = f->agree, .array = array};
	if (array)
		frame->items =
		        agreeing(f->table, f->agree, f->nframes, STR("[]"));
	f->agree = frame->items;
	f->nframes++;
}

static void pop(struct gate_filter *f)
{
	f->nframes--;
	if (!f->nframes && f->part == IN_EXECUTION) {
		end_execution(f);
		return;
	}
	if (!f->nframes) {
		end_stage(f);
		f->part = IN_EXECUTION;
		f->table = &f->execution;
		f->nframes = f->outer;
		f->outer = 0;
	}
	f->agree = f->frames[f->outer + f->nframes - 1].items;
}

static bool refuse(struct gate_filter *f, const char *what)
{
	return fail_set(&f->fail, FAIL_ENGINE, "%s", what);
}

/* Outside of every execution. */
static bool open_root(struct gate_filter *f, bool array)
{
	if (f->part == BEFORE && array) {
		f->part = IN_LIST;
		f->in_root_list = true;
		return true;
	}
	if (array)
		return refuse(f, "a list stands where an execution should");
	begin_execution(f);
	push(f, false);
	return true;
}

static int open_container(struct gate_filter *f, bool array)
{
	if (++f->depth > GATE_DEPTH_MAX)
		return refuse(f, "it nests too deep");
	if (f->skipping)
		f->skipping++;
	else if (f->capturing)
		capture_open(f, array);
	else if (f->part <= IN_LIST)
		return open_root(f, array);
	else if (!f->agree)
		f->skipping = 1;
	else if (rows_that_take(f, true))
		capture(f, array);
	else {
		if (!array && rows_that_take(f, false))
			begin_stage(f);
		push(f, array);
	}
	return 1;
}

static int close_container(struct gate_filter *f)
{
	f->depth--;
	if (f->skipping)
		f->skipping--;
	else if (f->capturing)
		capture_close(f);
	else if (f->part == IN_LIST)
		f->part = AFTER;
	else
		pop(f);
	return 1;
}

/* --- what the parser calls --------------------------------------------------
 */

static int on_value(struct gate_filter *f, struct str text, bool is_text)
{
	if (f->skipping || f->hidden)
		return 1;
	if (f->capturing && is_text)
		jw_str(&f->json, cut(text, CAPTURE_STRING));
	else if (f->capturing)
		jw_raw(&f->json, text);
	else if (f->part <= IN_LIST)
		return refuse(f, "a value stands where an execution should");
	else
		put(f, rows_here(f), text);
	return 1;
}

static int on_null(void *context)
{
	struct gate_filter *f = context;
	bool inside = f->part > IN_LIST && !f->capturing;
	return inside ? 1 : on_value(f, STR("null"), false);
}

static int on_boolean(void *context, int on)
{
	return on_value(context, on ? STR("true") : STR("false"), false);
}

static int on_number(void *context, const char *s, size_t n)
{
	return on_value(context, (struct str){s, n}, false);
}

static int on_string(void *context, const unsigned char *s, size_t n)
{
	return on_value(context, (struct str){(const char *)s, n}, true);
}

static void capture_key(struct gate_filter *f, struct str key)
{
	char name[NAME + 1] = "";
	if (key.n)
		memcpy(name, key.s, key.n);
	jw_key(&f->json, name);
}

static int on_key(void *context, const unsigned char *s, size_t n)
{
	struct gate_filter *f = context;
	struct str key = {(const char *)s, n};
	if (f->skipping || f->hidden)
		return 1;
	if (f->capturing) {
		capture_key(f, cut(key, NAME));
		return 1;
	}
	const struct frame *frame = &f->frames[f->outer + f->nframes - 1];
	f->agree = agreeing(f->table, frame->rows, f->nframes - 1, key);
	return 1;
}

static int on_open_map(void *context)
{
	return open_container(context, false);
}

static int on_open_array(void *context)
{
	return open_container(context, true);
}

static int on_close(void *context)
{
	return close_container(context);
}

/* --- bytes
 * -------------------------------------------------------------------- */

static void end_parser(void *parser)
{
	yajl_free(parser);
}

struct gate_filter *gate_filter_new(struct arena *a)
{
	static const yajl_callbacks callbacks = {
	        .yajl_null = on_null,
	        .yajl_boolean = on_boolean,
	        .yajl_number = on_number,
	        .yajl_string = on_string,
	        .yajl_map_key = on_key,
	        .yajl_start_map = on_open_map,
	        .yajl_end_map = on_close,
	        .yajl_start_array = on_open_array,
	        .yajl_end_array = on_close,
	};
	struct gate_filter *f = ARENA_NEW(a, struct gate_filter);
	f->arena = a;
	f->text = buf_new(a, TEXT);
	table_init(&f->execution, a, execution_rows,
	           sizeof execution_rows / sizeof *execution_rows, &f->now);
	table_init(&f->stage, a, stage_rows,
	           sizeof stage_rows / sizeof *stage_rows, &f->stage_now);
	f->parser = yajl_alloc(&callbacks, NULL, f);
	if (!f->parser)
		out_of_memory();
	arena_defer(a, end_parser, f->parser);
	/* One bad byte in a log must not hide how a deployment ended. */
	yajl_config(f->parser, yajl_dont_validate_strings, 1);
	return f;
}

static bool check(struct gate_filter *f, yajl_status status)
{
	if (status == yajl_status_ok)
		return true;
	unsigned char *said = yajl_get_error(f->parser, 0, NULL, 0);
	struct str text = str_trim(str_of((const char *)said));
	fail_set(&f->fail, FAIL_ENGINE, "it is not JSON: %" STR_FMT,
	         STR_ARG(text));
	yajl_free_error(f->parser, said);
	return false;
}

static bool parse(struct gate_filter *f, struct str bytes)
{
	return !bytes.n ||
	       check(f, yajl_parse(f->parser, (const unsigned char *)bytes.s,
	                           bytes.n));
}

static bool is_structure(char c)
{
	return c == '{' || c == '}' || c == '[' || c == ']' || c == ':' ||
	       c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* One byte of a string; false at its end. */
static bool in_string(struct gate_filter *f, char c)
{
	f->length++;
	if (f->escape == ESCAPE_BEGUN)
		f->escape = c == 'u' ? 4 : 0;
	else if (f->escape)
		f->escape--;
	else if (c == '\\')
		f->escape = ESCAPE_BEGUN;
	else
		return c != '"';
	return true;
}

/*
 * The parser collects a string that comes in pieces, however long it is: so
 * the middle of a long one is kept from it. Numbers have no middle to lose.
 */
bool gate_filter_feed(struct gate_filter *f, struct str bytes)
{
	size_t from = 0;
	for (size_t i = 0; i < bytes.n && !f->fail.kind; i++) {
		char c = bytes.s[i];
		if (!f->in_string) {
			f->length = is_structure(c) ? 0 : f->length + 1;
			f->in_string = c == '"';
			if (f->length > WORD_MAX)
				return refuse(f, "a number is too long");
			if (f->in_string)
				f->length = 0;
			continue;
		}
		f->in_string = in_string(f, c);
		if (!f->in_string) {
			if (f->dropping)
				from = i;
			f->dropping = false;
			f->length = 0;
		} else if (!f->dropping && f->length >= STRING_MAX &&
		           !f->escape) {
			f->dropping = true;
			if (!parse(f,
			           (struct str){bytes.s + from, i + 1 - from}))
				return false;
		}
	}
	if (f->fail.kind || f->dropping)
		return !f->fail.kind;
	return parse(f, str_from(bytes, from));
}

bool gate_filter_end(struct gate_filter *f, struct gate_documents *out,
                     struct fail *why)
{
	if (!f->fail.kind && check(f, yajl_complete_parse(f->parser)) &&
	    f->part != AFTER)
		refuse(f, "it holds no execution");
	if (f->fail.kind)
		return fail_set(why, FAIL_ENGINE,
		                "the answer is no execution of Spinnaker: %s",
		                f->fail.text);
	*out = f->done;
	return true;
}
