/*
 * badges/<service>/<env>.svg and .json: what runs there, for a README. The
 * JSON is that of shields.io's endpoint badge (schemaVersion 1); the SVG needs
 * nobody's server.
 */
#include "render/changes.h"
#include "render/documents.h"
#include "render/html.h"
#include "render/parts.h"

enum { PAD = 6, HEIGHT = 20 };

struct badge {
	struct str label, message;
	const char *color; /* as shields names it */
	const char *hex; /* the same, with white text on it at least 4.5 : 1 */
	bool is_error;
};

/* Widths of printable ASCII in Verdana at 11 px, in tenths of a pixel, rounded
   up: what shields.io's badges go by. Others count as the widest letter. */
static const unsigned char widths[95] = {
        39,  44, 51, 90, 70, 119, 80, 30,  50, 50, 70, 90, 40, 50,  40, 50,
        70,  70, 70, 70, 70, 70,  70, 70,  70, 70, 50, 50, 90, 90,  90, 60,
        110, 76, 76, 77, 85, 70,  64, 86,  83, 47, 50, 77, 62, 93,  83, 87,
        67,  87, 77, 76, 68, 81,  76, 109, 76, 68, 76, 50, 50, 50,  90, 70,
        70,  67, 69, 58, 69, 66,  39, 69,  70, 31, 38, 66, 31, 108, 70, 67,
        69,  69, 47, 58, 44, 70,  66, 90,  66, 66, 58, 70, 50, 70,  90,
};

static int64_t width_of(struct str text)
{
	int64_t tenths = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.s[i];
		if (c >= ' ' && c < 0x7f)
			tenths += widths[c - ' '];
		else if ((c & 0xc0) != 0x80)
			tenths += 119;
	}
	return (tenths + 9) / 10;
}

static struct badge badge_of(struct arena *a, const struct pair *p)
{
	const struct success *running = pair_running(p);
	struct badge b = {
	        .label = str_format(a, "%" STR_FMT " %" STR_FMT,
	                            STR_ARG(words_line(a, p->service)),
	                            STR_ARG(words_line(a, p->environment))),
	        .message = running ? words_version(a, running->version)
	                           : STR("nothing runs"),
	        .color = running ? "brightgreen" : "lightgrey",
	        .hex = running ? "#1d6a3d" : "#676259"};
	if (p->open) {
		b.message =
		        str_format(a, "%" STR_FMT ", %" STR_FMT " on its way",
		                   STR_ARG(b.message),
		                   STR_ARG(words_version(a, p->open_version)));
		b.color = "blue";
		b.hex = "#1f4e9e";
	} else if (p->failed) {
		b.message = str_format(
		        a, "%" STR_FMT ", %" STR_FMT " failed",
		        STR_ARG(b.message),
		        STR_ARG(words_version(a, p->failed_version)));
		b.color = "red";
		b.hex = "#a8231c";
		b.is_error = true;
	}
	return b;
}

static void put_half(struct buf *out, struct str text, int64_t x, int64_t width)
{
	buf_format(out, "<text x=\"%lld\" y=\"14\" textLength=\"%lld\">",
	           (long long)(x + PAD), (long long)width);
	html_xml(out, text);
	buf_add(out, STR("</text>"));
}

static void put_svg(struct buf *out, struct arena *a, const struct badge *b)
{
	int64_t left = width_of(b->label), right = width_of(b->message);
	int64_t middle = left + 2 * PAD, all = middle + right + 2 * PAD;
	struct str name = str_format(a, "%" STR_FMT ": %" STR_FMT,
	                             STR_ARG(b->label), STR_ARG(b->message));
	buf_format(out,
	           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%lld\" "
	           "height=\"%d\" viewBox=\"0 0 %lld %d\" role=\"img\" "
	           "aria-label=\"",
	           (long long)all, HEIGHT, (long long)all, HEIGHT);
	html_xml(out, name);
	buf_add(out, STR("\"><title>"));
	html_xml(out, name);
	buf_format(out,
	           "</title><rect width=\"%lld\" height=\"%d\" rx=\"3\" "
	           "fill=\"%s\"/><path fill=\"#4b4740\" d=\"M3 0h%lldv%dH3a3 3 "
	           "0 0 1-3-3V3a3 3 0 0 1 3-3z\"/><g fill=\"#fff\" "
	           "font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" "
	           "font-size=\"11\">",
	           (long long)all, HEIGHT, b->hex, (long long)(middle - 3),
	           HEIGHT);
	put_half(out, b->label, 0, left);
	put_half(out, b->message, middle, right);
	buf_add(out, STR("</g></svg>\n"));
}

static void put_endpoint(struct buf *out, const struct badge *b)
{
	struct jw j = jw_new(out);
	jw_open(&j, '{');
	jw_put_int(&j, "schemaVersion", 1);
	jw_put_str(&j, "label", b->label);
	jw_put_str(&j, "message", b->message);
	jw_put_str(&j, "color", str_of(b->color));
	jw_put_bool(&j, "isError", b->is_error);
	jw_close(&j);
}

static bool write_pair(struct site *s, const struct pair *p, struct fail *why)
{
	struct arena *a = s->page;
	struct badge b = badge_of(a, p);
	const char *stem =
	        str_format(a, "badges/%" STR_FMT "/%" STR_FMT,
	                   STR_ARG(s->history.services.at[p->service_at].slug),
	                   STR_ARG(s->history.environments.at[p->environment_at]
	                                   .slug))
	                .s;
	put_endpoint(&s->json, &b);
	if (!site_json(s, str_format(a, "%s.json", stem), false, why))
		return false;
	put_svg(&s->text, a, &b);
	return site_text(s, str_format(a, "%s.svg", stem), false, why);
}

bool write_badges(struct site *s, struct fail *why)
{
	vec_each (struct pair, p, &s->history.pairs)
		if (changed_pair(s, p) && !write_pair(s, p, why))
			return false;
	return true;
}
