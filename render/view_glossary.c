/* glossary/: every word once, with the one that the original DXCP has for it,
   and how each number is measured. */
#include "render/parts.h"

struct term {
	struct str slug, name, about, former, href; /* href: from the root */
};
static const struct field term_list[] = {
        FIELD_TEXT(struct term, slug),  FIELD_TEXT(struct term, name),
        FIELD_TEXT(struct term, about), FIELD_TEXT(struct term, former),
        FIELD_TEXT(struct term, href),
};
static const struct fields term_fields = FIELDS(struct term, term_list);

/* former: where the original's word is another one. */
#define T(slug, name, about, former, href)                          \
	{                                                           \
		{slug, sizeof(slug) - 1}, {name, sizeof(name) - 1}, \
		        {about, sizeof(about) - 1},                 \
		        {former, sizeof(former) - 1},               \
		        {href, sizeof(href) - 1},                   \
	}
static struct term words[] = {
        T("approval", "Approval",
          "What an owner or a platform admin says about one intent as it is "
          "written: its text. An edit of the intent needs another one. "
          "Nobody approves their own.",
          "", ""),
        T("artifact", "Artifact",
          "The thing that is deployed: an address that a build names.", "", ""),
        T("audit", "Audit",
          "The list of all events, by month. No row of it ever changes.",
          "Audit log", "audit/index.html"),
        T("build", "Build",
          "What CI says about a version: where its artifact is, its commit, "
          "its digest. Without a build a version cannot be deployed.",
          "Build registration", ""),
        T("code", "Code",
          "The name of the reason for a decision or a finding, the same in "
          "every output.",
          "Error code", "codes/index.html"),
        T("decision", "Decision",
          "What all guardrails together say about an intent: allow, wait or "
          "deny.",
          "Validation", "decisions/index.html"),
        T("denied", "Denied",
          "Stopped by a guardrail before anything was sent. Final: once the "
          "cause is gone, a new intent is needed.",
          "Blocked by policy", "decisions/index.html"),
        T("deployment", "Deployment",
          "One execution of a recipe for a service in an environment. It has "
          "a number, which people can say on a call.",
          "", "deployments/index.html"),
        T("engine", "Engine",
          "What does the work: Spinnaker, a program, or the built-in "
          "sandbox.",
          "Execution engine", ""),
        T("environment", "Environment",
          "A place to deploy to, such as dev, staging, prod. Its type says "
          "whether it is production.",
          "", "policy/index.html#environments"),
        T("failed", "Failed", "Ended without changing the version that runs.",
          "", ""),
        T("failure", "Failure",
          "What went wrong, why, and what to do next, in one of nine "
          "categories.",
          "Failure narrative", "guide/failures/index.html"),
        T("freeze", "Freeze",
          "A time in which nothing goes, whatever windows are open. "
          "Rollbacks are exempt unless the policy says otherwise.",
          "", "policy/index.html#windows"),
        T("group", "Group",
          "Services that are delivered alike: their owners, environments in "
          "order, recipes and limits.",
          "Deployment Group, delivery group", "groups/index.html"),
        T("guardrail", "Guardrail",
          "One question that is asked of every intent. All are evaluated; "
          "the first that does not pass decides.",
          "Policy check", "policy/index.html#order"),
        T("hold", "Hold",
          "A statement that a version must not go to an environment, for a "
          "time or until a new version.",
          "", ""),
        T("hook", "Hook",
          "A program or a server of yours that is asked as one more "
          "guardrail.",
          "Evaluation hook", "guide/hooks/index.html"),
        T("intent", "Intent",
          "A YAML file under intents/ that says what somebody wants. It is "
          "acted on once, ever.",
          "Request", ""),
        T("kill-switch", "Kill switch",
          "A line in the policy that stops all dispatching, everywhere or in "
          "some environments or groups.",
          "Mutations disabled", "groups/index.html"),
        T("ledger", "Ledger",
          "The append-only record of everything, each event with the hash of "
          "the one before it.",
          "Database", "audit/index.html"),
        T("owner", "Owner",
          "Who may ask for deployments of a group's services.",
          "Delivery owner", ""),
        T("policy", "Policy",
          "What the platform team decided: the files under policy/.",
          "Admin, settings", "policy/index.html"),
        T("production-change", "Production change",
          "A deployment to an environment of the type production, whatever "
          "came of it.",
          "", "index.html#changed"),
        T("promotion", "Promotion",
          "A deployment of the version that runs in one environment to the "
          "next one in the group's order.",
          "", ""),
        T("proposal", "Proposal",
          "An intent that a rule of the policy writes, for a person to merge.",
          "", "policy/index.html#proposals"),
        T("quota", "Quota",
          "How many deployments, rollbacks or builds a group has in a day. "
          "The day is that of the platform's time zone.",
          "Daily limit, rate limit", "groups/index.html"),
        T("recipe", "Recipe",
          "How a service is deployed: an engine, its parameters, a timeout. "
          "Changes of it get a new revision.",
          "Deployment Strategy", "policy/index.html#recipes"),
        T("release", "Release",
          "One intent with several deploys in an order. All of them are "
          "allowed, or none.",
          "", ""),
        T("rollback", "Rollback",
          "A deployment that brings back a version that succeeded before.", "",
          "guide/index.html"),
        T("rolled-back", "Rolled back", "Succeeded, then undone by a rollback.",
          "", ""),
        T("run", "Run",
          "One pass: read the commit, judge, send, follow, record.", "",
          "runs/index.html"),
        T("service", "Service", "What is deployed: one name, one owner.",
          "Application", "services/index.html"),
        T("slot", "Slot",
          "Room for one deployment in progress in a group and environment.",
          "Deployment lock, concurrency limit", "groups/index.html"),
        T("soak", "Soak time",
          "How long a version must have run in one environment before it is "
          "promoted to the next.",
          "", ""),
        T("superseded", "Superseded",
          "Succeeded, then replaced by a later one.", "", ""),
        T("ticket", "Ticket",
          "A name in another system, as the author gave it.", "", ""),
        T("unknown", "Unknown",
          "Sent, and the engine has not answered since the time that is "
          "named. It is never taken for a success.",
          "", ""),
        T("version", "Version", "A name of a build of a service.", "", ""),
        T("waiting", "Waiting",
          "Held back by something that may pass by itself. Each run judges "
          "it again, until it passes or expires.",
          "", "decisions/index.html"),
        T("waiver", "Waiver",
          "Sets one guardrail aside, for a scope and until a time. It is "
          "still evaluated, and what it would have said is shown.",
          "Exception", "policy/index.html#waivers"),
        T("window", "Window",
          "The times in which delivery is open, where the policy names any.",
          "", "policy/index.html#windows"),
};
static struct term measures[] = {
        T("frequency", "Deploys",
          "Deployments and promotions to production whose execution began, "
          "by ISO week in UTC. Rollbacks, denials and cancellations are left "
          "out.",
          "", ""),
        T("failure-rate", "Went wrong",
          "Those that failed, or were rolled back later, divided by deploys. "
          "Each counts once. Fewer than ten are shown as a fraction.",
          "", ""),
        T("lead-time", "Lead time",
          "From the build's time, as its registration has it, to the success "
          "in production. The median, and nine of ten.",
          "", ""),
        T("recovery", "Recovery",
          "From the end of a deployment that went wrong to the end of the "
          "rollback, or of the next success in the same place.",
          "", ""),
        T("left", "Left of a quota",
          "The limit less what was sent since the day began. What is denied "
          "or waits costs nothing.",
          "", ""),
        T("behind", "Releases behind",
          "How many versions succeeded in the environment before, after the "
          "one that runs here.",
          "", ""),
        T("good-until", "Good until",
          "The data's time, and one and a half times the 95th percentile of "
          "the last 50 gaps between runs, at least half an hour. Past it the "
          "page may be out of date.",
          "", "runs/index.html"),
};
#undef T

struct terms {
	struct term *at;
	size_t n, cap;
};
struct view {
	struct frame frame;
	struct lede lede;
	struct terms words, measures;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_LIST(struct view, words, &term_fields),
        FIELD_LIST(struct view, measures, &term_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static bool write_glossary(struct site *s, struct fail *why)
{
	const struct str path = STR("glossary/index.html");
	const size_t nwords = sizeof words / sizeof *words;
	const size_t nmeasures = sizeof measures / sizeof *measures;
	struct view v = {.frame = frame_of(s, path, NAV_NONE),
	                 .words = {words, nwords, nwords},
	                 .measures = {measures, nmeasures, nmeasures}};
	lede_add(&v.lede, s->page,
	         "One word for each thing, in the files, the command line and "
	         "these pages; and how each number is measured.");
	v.frame.title = STR("Glossary");
	v.frame.description = lede_text(&v.lede, s->page);
	return site_page(s, &view_glossary, path, &v, why);
}

const struct page_kind view_glossary = {
        .name = "glossary",
        .fields = &view_fields,
        .reads = READS_POLICY,
        .write = write_glossary,
        .about = "every word once",
};
