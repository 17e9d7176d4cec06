#include "render/people.h"
#include "tests/lib/tap.h"

static const struct {
	const char *text, *want;
} texts[] = {
        {"", ""},
        {"no sign", "no sign"},
        {"by bo@example.com", "by bo"},
        {"<td>bo@example.com</td>", "<td>bo</td>"},
        {"\"bo@example.com\",\"cy.d+x@mail.example.co\"", "\"bo\",\"cy.d+x\""},
        {"ask bo@example.com.", "ask bo."},
        {"ask bo@example.com, or cy@example.com!", "ask bo, or cy!"},
        {"\"a\\nbo@example.com\"", "\"a\\nbo\""},
        {"ana@example.com did it", "Ana P. did it"},
        {"ANA@EXAMPLE.COM did it", "Ana P. did it"},
        {"\\nana@example.com", "\\nAna P."},
        {"b\xc3\xbc@example.com", "b\xc3\xbc"},
        {"checkout@1.4.2", "checkout@1.4.2"},
        {"checkout@1.4.2-rc.beta", "checkout@1.4.2-rc.beta"},
        {"image@sha256:0123", "image@sha256:0123"},
        {"git@example.com:acme/delivery.git",
         "git@example.com:acme/delivery.git"},
        {"ssh://git@example.com/acme", "ssh://git@example.com/acme"},
        {"@media (x) {}", "@media (x) {}"},
        {"a @ b.c", "a @ b.c"},
        {"bo@localhost", "bo@localhost"},
        {"bo@example.c", "bo@example.c"},
        {"bo@", "bo@"},
        {"@", "@"},
        {"@@", "@@"},
        {"bo@example.com@example.com", "bo@example.com"},
        {"bo@..", "bo@.."},
        {"bo@a.", "bo@a."},
        {"UID:peak@dab1c614.dxcp", "UID:peak@dab1c614.dxcp"},
};

int main(void)
{
	struct arena *a = arena_new();
	struct site_person ana = {.identity = {.s = STR("Ana@Example.com")},
	                          .shown = {.s = STR("Ana P.")}};
	struct policy policy = {.platform.site.people = {.at = &ana, .n = 1}};
	const struct people *p = people_new(a, &policy);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		is_str(people_hide(p, a, str_of(texts[i].text)), texts[i].want,
		       "%s", texts[i].text);
	is_str(people_shown(p, a, STR("Bo"), STR("bo@example.com")), "Bo",
	       "the author's name is shown");
	is_str(people_shown(p, a, STR("bo@example.com"), STR("bo@example.com")),
	       "bo", "unless it is an address");
	is_str(people_shown(p, a, STR("Ana"), STR("ana@example.com")), "Ana P.",
	       "an alias goes before both");
	is_str(people_shown(p, a, STR(" "), STR("ci")), "ci",
	       "an identity may be no address");
	policy.platform.site.emails.on = true;
	p = people_new(a, &policy);
	is_str(people_hide(p, a, STR("bo@example.com")), "bo@example.com",
	       "addresses stay where the policy asks for them");
	is_str(people_shown(p, a, STR(""), STR("bo@example.com")),
	       "bo@example.com", "and are shown");
	is_str(people_shown(p, a, STR(""), STR("ana@example.com")), "Ana P.",
	       "but for those that have an alias");
	arena_free(a);
	return tap_done();
}
