#include "core/zone.h"

#include "core/when.h"
#include "tests/lib/tap.h"

#include <string.h>

/* A TZif file of version 2 as a test wants it: no version-1 data. */
struct made {
	char s[512];
	size_t n;
};

static void put(struct made *m, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		m->s[m->n++] = (char)(v >> i * 8);
}

static void put_header(struct made *m, const uint32_t counts[6])
{
	memcpy(m->s + m->n, "TZif2", 5);
	m->n += 20;
	for (int i = 0; i < 6; i++)
		put(m, counts[i], 4);
}

struct wish {
	int64_t since[2];
	int type[2];
	int offset[2];
	uint32_t leap, types;
	const char *footer;
};

static const struct wish plain = {
        .since = {1000, 2000},
        .type = {1, 0},
        .offset = {3600, 7200},
        .types = 2,
        .footer = "\n<X01>-1\n",
};

static struct made make(struct wish w)
{
	struct made m = {0};
	put_header(&m, (uint32_t[6]){0, 0, 0, 0, 1, 1});
	m.n += 7;
	put_header(&m, (uint32_t[6]){0, 0, w.leap, 2, w.types, 4});
	for (int i = 0; i < 2; i++)
		put(&m, (uint64_t)w.since[i], 8);
	for (int i = 0; i < 2; i++)
		put(&m, (uint64_t)w.type[i], 1);
	for (uint32_t i = 0; i < w.types && i < 2; i++) {
		put(&m, (uint32_t)w.offset[i], 4);
		m.n += 2;
	}
	memcpy(m.s + m.n, "X01", 4);
	m.n += 4 + w.leap * 12;
	size_t n = strlen(w.footer);
	memcpy(m.s + m.n, w.footer, n);
	m.n += n;
	return m;
}

static bool refused(struct arena *a, struct wish w)
{
	struct made m = make(w);
	const struct zone *z = NULL;
	struct fail why = {0};
	return !zone_parse(&z, a, (struct str){m.s, m.n}, &why) && !z &&
	       why.kind == FAIL_INPUT;
}

static void well_formed(struct arena *a)
{
	struct made m = make(plain);
	const struct zone *z = NULL;
	struct fail why = {0};
	if (!ok(zone_parse(&z, a, (struct str){m.s, m.n}, &why),
	        "a well-formed file parses"))
		return;
	struct zone_span s = zone_span_at(z, 999);
	ok(s.since == INT64_MIN && s.until == 1000 && s.offset == 3600,
	   "the first type holds before the first transition");
	s = zone_span_at(z, 1000);
	ok(s.since == 1000 && s.until == 2000 && s.offset == 7200,
	   "a transition holds from its instant");
	s = zone_span_at(z, 2000);
	ok(s.since == 2000 && s.until == INT64_MAX && s.offset == 3600,
	   "the footer holds after the last");
	struct wish w = plain;
	w.footer = "\n\n";
	w.type[1] = 1;
	m = make(w);
	ok(zone_parse(&z, a, (struct str){m.s, m.n}, &why) &&
	           zone_span_at(z, 5000).offset == 7200,
	   "without a footer the last transition holds on");
}

static void malformed(struct arena *a)
{
	struct wish w = plain;
	w.type[1] = 2;
	ok(refused(a, w), "a type past the last is refused");
	w = plain;
	w.since[1] = 1000;
	ok(refused(a, w), "transitions at one instant are refused");
	w = plain;
	w.offset[1] = 26 * 3600 + 1;
	ok(refused(a, w), "an offset over 26 hours is refused");
	w = plain;
	w.offset[0] = INT32_MIN;
	ok(refused(a, w), "an offset out of all range is refused");
	w = plain;
	w.leap = 1;
	ok(refused(a, w), "leap seconds are refused");
	w = plain;
	w.types = 0;
	ok(refused(a, w), "no types are refused");
	w = plain;
	w.types = 0xffffffff;
	ok(refused(a, w), "a count of 2^32-1 is refused");
	w = plain;
	w.footer = "\nEST5EDT\n";
	ok(refused(a, w), "a footer without dates is refused");
	w = plain;
	w.footer = "\n<X01>-1";
	ok(refused(a, w), "a footer without its end is refused");
}

/* Every prefix, and every byte overwritten, is refused or usable. */
static void hostile(struct arena *a)
{
	struct made m = make(plain);
	bool fine = true;
	for (size_t n = 0; n < m.n; n++) {
		const struct zone *z = NULL;
		struct fail why = {0};
		struct str cut = str_copy(a, (struct str){m.s, n});
		fine = fine && !zone_parse(&z, a, cut, &why) && !z &&
		       why.kind == FAIL_INPUT;
	}
	ok(fine, "every file cut short is refused");
	size_t usable = 0;
	for (size_t i = 0; i < m.n; i++) {
		for (int k = 0; k < 4; k++) {
			struct made bad = m;
			bad.s[i] =
			        (char)(unsigned char[]){0, 0x7f, 0x80, 0xff}[k];
			const struct zone *z = NULL;
			struct fail why = {0};
			struct str s = str_copy(a, (struct str){bad.s, bad.n});
			if (!zone_parse(&z, a, s, &why))
				continue;
			usable++;
			struct civil c = when_civil(1500, z);
			fine = fine && when_instant(c, z) <= 1500 &&
			       when_day_end(1500, z) > 1500;
		}
	}
	ok(fine && usable, "damaged files are refused or usable");
}

static const struct {
	const char *text;
	bool fine;
} rules[] = {
        {"UTC0", true},
        {"CET-1CEST,M3.5.0,M10.5.0/3", true},
        {"<+0330>-3:30", true},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", true},
        {"AAA-1:02:03BBB-4:05:06,J60/1:02:03,365/-167", true},
        {"XXX3EDT4,0/0,J365/23", true},
        {"", false},
        {"CE-1", false},
        {"CET", false},
        {"<CET-1", false},
        {"CET-1CEST", false},
        {"CET-1CEST,M3.5.0", false},
        {"CET-1CEST,M3.5.0,M10.5.0/3x", false},
        {"CET-1CEST,M0.5.0,M10.5.0", false},
        {"CET-1CEST,M13.5.0,M10.5.0", false},
        {"CET-1CEST,M3.0.0,M10.5.0", false},
        {"CET-1CEST,M3.6.0,M10.5.0", false},
        {"CET-1CEST,M3.5.7,M10.5.0", false},
        {"CET-1CEST,J0,J1", false},
        {"CET-1CEST,J366,J1", false},
        {"CET-1CEST,366,1", false},
        {"CET-1CEST,1/168,2", false},
        {"CET-25", false},
        {"CET-1:60", false},
};

/* A rule in one year, between its changes. */
static const struct {
	const char *rule, *instant;
	int offset;
	const char *until;
} spans[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-01-01T00:00:00Z", 3600,
         "2026-03-29T01:00:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200,
         "2026-10-25T01:00:00Z"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-12-31T23:59:59Z", 3600,
         "2027-03-28T01:00:00Z"},
        /* winter time is the exception */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2050-12-31T12:00:00Z", 0,
         "2051-03-26T01:00:00Z"},
        /* the southern summer spans the year's end */
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2099-12-31T23:00:00Z", 39600,
         "2100-04-03T15:00:00Z"},
        /* J60 is 1 March, leap year or not; 59 is the day after 28 Feb. */
        {"AAA0BBB,J60/0,J300/0", "2024-02-01T00:00:00Z", 0,
         "2024-03-01T00:00:00Z"},
        {"AAA0BBB,J60/0,J300/0", "2023-02-01T00:00:00Z", 0,
         "2023-03-01T00:00:00Z"},
        {"AAA0BBB,59/0,300/0", "2024-02-01T00:00:00Z", 0,
         "2024-02-29T00:00:00Z"},
        /* daylight time all the year, RFC 8536 section 3.3.1 */
        {"XXX3EDT4,0/0,J365/23", "2024-06-01T00:00:00Z", -14400, NULL},
        {"XXX3EDT4,0/0,J365/23", "2025-01-01T03:59:59Z", -14400, NULL},
        {"XXX3EDT4,0/0,J365/23", "2025-01-01T04:00:00Z", -14400, NULL},
        /* hours beyond the day */
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2030-03-01T00:00:00Z", 7200,
         "2030-03-30T00:00:00Z"},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2045-03-01T00:00:00Z", -7200,
         "2045-03-26T01:00:00Z"},
};

static void rules_hold(void)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		struct zone_rule r;
		ok(zone_rule_parse(&r, str_of(rules[i].text)) == rules[i].fine,
		   "'%s' is %s", rules[i].text,
		   rules[i].fine ? "a rule" : "refused");
	}
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		struct zone_rule r;
		int64_t t = 0;
		if (!zone_rule_parse(&r, str_of(spans[i].rule)) ||
		    !when_parse(str_of(spans[i].instant), &t)) {
			ok(false, "%s", spans[i].rule);
			continue;
		}
		struct zone_span s = zone_rule_span_at(&r, t);
		ok(s.since <= t && t < s.until, "%s at %s is in its span",
		   spans[i].rule, spans[i].instant);
		is_int(s.offset, spans[i].offset, "with that offset");
		if (spans[i].until)
			is_str(str_of(when_text(s.until).s), spans[i].until,
			       "and that end");
	}
}

static const char *const bad_names[] = {
        "",
        "Europe/Nowhere",
        "Europe",
        "/usr/share/zoneinfo/Europe/Berlin",
        "../zoneinfo/Europe/Berlin",
        "Europe/../Europe/Berlin",
        "Europe/./Berlin",
        "Europe//Berlin",
        "Europe/Berlin/",
        "Europe/Berlin\n",
        "europe/berlin",
        "tzdata.zi",
        "localtime",
        "right/Europe/Berlin",
        "+VERSION",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

static void names(struct arena *a)
{
	for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
		static const char untouched;
		const struct zone *z =
		        (const struct zone *)(const void *)&untouched;
		const struct zone *before = z;
		struct fail why = {0};
		ok(!zone_find(&z, a, str_of(bad_names[i]), &why) &&
		           z == before && why.kind == FAIL_INPUT,
		   "'%s' is no zone", i == 9 ? "..." : bad_names[i]);
	}
	struct fail why = {0};
	const struct zone *z = NULL;
	ok(zone_find(&z, a, STR("America/Argentina/Buenos_Aires"), &why) && z,
	   "a name of three parts");
	ok(zone_find(&z, a, STR("UTC"), &why) && !z, "UTC is NULL");
}

int main(void)
{
	struct arena *a = arena_new();
	well_formed(a);
	malformed(a);
	hostile(a);
	rules_hold();
	names(a);
	arena_free(a);
	return tap_done();
}
