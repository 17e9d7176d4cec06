#include "runner/gate.h"

/*
 * What an answer means, as a table: the first row that fits. The rules are
 * from reading Gate and Orca (releases 2025.3 to 2026.2):
 *
 * Gate's v1 trigger asks Front50 for the pipeline (GET), then posts to Orca's
 * /orchestrate. What Orca refuses there it has mostly recorded as a TERMINAL
 * execution first (OperationsController.markPipelineFailed). An error of what
 * is behind Gate comes with its status, and "Status: N, Method: M, URL: U,
 * Message: T" in the message (kork's SpinnakerHttpException). A 5xx may hide a
 * run that goes on: Gate stops waiting for Orca after 120 s.
 */

const char *const gate_class_names[] = {"OK",
                                        "NEVER_SENT",
                                        "AUTH",
                                        "RATE_LIMITED",
                                        "NOT_FOUND",
                                        "REFUSED",
                                        "REFUSED_WITH_RECORD",
                                        "UNKNOWN",
                                        NULL};

/* --- what it says -------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Take `word` off the start of *rest. */
static bool take(struct str *rest, struct str word)
{
	if (!str_starts(*rest, word))
		return false;
	*rest = str_from(*rest, word.n);
	return true;
}

/* Take what stands before `end`, and that, off the start of *rest. */
static bool take_to(struct str *rest, struct str end, struct str *piece)
{
	for (size_t i = 0; i + end.n <= rest->n; i++)
		if (str_starts(str_from(*rest, i), end)) {
			*piece = str_head(*rest, i);
			*rest = str_from(*rest, i + end.n);
			return true;
		}
	return false;
}

static bool upstream(struct gate_error *out, struct str text)
{
	struct gate_error e = *out;
	struct str status;
	int64_t n;
	if (!take(&text, STR("Status: ")) ||
	    !take_to(&text, STR(", Method: "), &status) ||
	    !take_to(&text, STR(", URL: "), &e.upstream_method) ||
	    !take_to(&text, STR(", Message: "), &e.upstream_url) ||
	    status.n != 3 || !is_digit(status.s[0]) || !str_int(status, &n) ||
	    str_has(e.upstream_url, ' '))
		return false;
	e.upstream_status = (int)n;
	e.upstream_message = text;
	*out = e;
	return true;
}

/* The last one is the innermost: messages are put inside messages. */
static void read_upstream(struct gate_error *out)
{
	struct str rest = out->message, before;
	while (take_to(&rest, STR("Status: "), &before)) {
		struct str from = {rest.s - STR("Status: ").n,
		                   rest.n + STR("Status: ").n};
		upstream(out, from);
	}
}

static struct str first_text(const json_t *object, const char *const *keys)
{
	struct str text = STR("");
	for (; *keys && !text.n; keys++)
		text = str_trim(json_get_str(object, *keys));
	return text;
}

void gate_error_read(struct gate_error *out, struct arena *a, struct str body)
{
	static const char *const keys[] = {"message", "detail", "title",
	                                   "error", NULL};
	struct fail ignored = {0};
	json_t *json;
	*out = (struct gate_error){0};
	if (!str_starts(str_trim(body), STR("{")) ||
	    !json_read_theirs(&json, a, body, &ignored))
		return;
	out->message = first_text(json, keys);
	out->exception = json_get_str(json, "exception");
	read_upstream(out);
}

/* --- what it means ------------------------------------------------------- */

/* What the body is. */
enum { NONE = 1, IS_JSON = 2, HTML = 4, OTHER = 8, ANY = 15 };
/* For whom. */
enum {
	T = 1 << GATE_TRIGGER,
	R = 1 << GATE_READ,
	C = 1 << GATE_CONTROL,
	ALL = T | R | C
};

static bool is_media(struct str type, const char *end)
{
	struct str media, parameters;
	str_cut(type, ';', &media, &parameters);
	media = str_trim(media);
	struct str suffix = str_of(end);
	return media.n >= suffix.n &&
	       str_eq_nocase(str_from(media, media.n - suffix.n), suffix);
}

/* By its type; where that is missing by its first character. */
static int kind_of(const struct http_answer *answer)
{
	struct str body = str_trim(answer->body), type = answer->content_type;
	if (is_media(type, "/html") || is_media(type, "+html") ||
	    is_media(type, "/xhtml+xml"))
		return HTML;
	if (!body.n)
		return NONE;
	if (body.s[0] == '<')
		return HTML;
	if (!type.n || is_media(type, "/json") || is_media(type, "+json"))
		return body.s[0] == '{' || body.s[0] == '[' ? IS_JSON : OTHER;
	return OTHER;
}

static const struct row {
	int purposes, least, most, kinds;
	const char *says, *says_not; /* in the message; NULL: anything */
	enum gate_class class;
	const char *rule;
} rows[] = {
#define ROW(purposes, least, most, kinds, says, says_not, class, rule) \
	{purposes, least, most, kinds, says, says_not, GATE_##class, rule},
#include "runner/gate_classify.def"
#undef ROW
};

static bool row_fits(const struct row *row, enum gate_purpose purpose,
                     int status, int kind, struct str message)
{
	return row->purposes & 1 << purpose && status >= row->least &&
	       status <= row->most && row->kinds & kind &&
	       (!row->says || str_contains(message, str_of(row->says))) &&
	       (!row->says_not ||
	        !str_contains(message, str_of(row->says_not)));
}

struct gate_verdict gate_classify(struct arena *a, enum gate_purpose purpose,
                                  const struct http_answer *answer,
                                  const struct gate_error *error)
{
	struct gate_error read;
	if (answer->end == HTTP_NOT_SENT)
		return (struct gate_verdict){GATE_NEVER_SENT, "not sent"};
	if (answer->end == HTTP_BROKEN)
		return (struct gate_verdict){GATE_UNKNOWN, "no whole answer"};
	if (!error) {
		gate_error_read(&read, a, answer->body);
		error = &read;
	}
	int kind = kind_of(answer);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (row_fits(&rows[i], purpose, answer->status, kind,
		             error->message))
			return (struct gate_verdict){rows[i].class,
			                             rows[i].rule};
	return (struct gate_verdict){GATE_UNKNOWN, "a status unheard of"};
}
