/*
 * metrics.prom: what the ledger counts, as OpenMetrics 1.0 has it. No number
 * of it depends on a clock; labels are names of the policy and of the ledger's
 * own words, so that their sets stay small. The types are those that also the
 * older text format of Prometheus knows: a file that its node_exporter
 * collects.
 */
#include "render/documents.h"

static void put_family(struct buf *out, const char *name, const char *type,
                       const char *unit, const char *help)
{
	buf_format(out, "# TYPE %s %s\n", name, type);
	if (unit)
		buf_format(out, "# UNIT %s %s\n", name, unit);
	buf_format(out, "# HELP %s %s\n", name, help);
}

static void put_label(struct buf *out, char before, const char *name,
                      struct str value)
{
	buf_add_char(out, before);
	buf_format(out, "%s=\"", name);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.s[i];
		if (c == '\\' || c == '"')
			buf_add_char(out, '\\');
		if (c == '\n')
			buf_add(out, STR("\\n"));
		else
			buf_add_char(out, c);
	}
	buf_add_char(out, '"');
}

static void put_value(struct buf *out, int64_t n)
{
	buf_add_char(out, ' ');
	buf_add_int(out, n);
	buf_add_char(out, '\n');
}

static void put_place(struct buf *out, const char *name, const struct pair *p)
{
	buf_add(out, str_of(name));
	put_label(out, '{', "service", p->service);
	put_label(out, ',', "environment", p->environment);
}

static void put_plain(struct buf *out, const char *name, const char *type,
                      const char *suffix, const char *unit, const char *help,
                      int64_t n)
{
	put_family(out, name, type, unit, help);
	buf_format(out, "%s%s", name, suffix);
	put_value(out, n);
}

static void put_ends(struct buf *out, const struct pair *p)
{
	for (int kind = 0; kind < KIND_COUNT; kind++)
		for (int state = STATE_SUCCEEDED; state < STATE_COUNT;
		     state++) {
			int n = p->ends[kind][state - STATE_SUCCEEDED];
			if (!n)
				continue;
			put_place(out, "delivery_deployments_total", p);
			put_label(out, ',', "kind",
			          str_of(deployment_kind_names[kind]));
			put_label(out, ',', "outcome",
			          str_of(deployment_state_names[state]));
			buf_add_char(out, '}');
			put_value(out, n);
		}
}

static void put_deployments(struct buf *out, const struct site *s)
{
	put_family(out, "delivery_deployments", "counter", NULL,
	           "Deployments that ended, by how. An outcome never changes.");
	vec_each (const struct pair, p, &s->history.pairs)
		put_ends(out, p);
	put_family(out, "delivery_deployments_open", "gauge", NULL,
	           "1 where a deployment has not ended, else 0.");
	vec_each (const struct pair, p, &s->history.pairs) {
		put_place(out, "delivery_deployments_open", p);
		buf_add_char(out, '}');
		put_value(out, p->open != 0);
	}
	put_family(out, "delivery_running_since_timestamp_seconds", "gauge",
	           "seconds", "Since when the version runs.");
	vec_each (const struct pair, p, &s->history.pairs) {
		const struct success *running = pair_running(p);
		if (!running)
			continue;
		put_place(out, "delivery_running_since_timestamp_seconds", p);
		put_label(out, ',', "version", running->version);
		buf_add_char(out, '}');
		put_value(out, running->finished_at);
	}
}

static bool put_decision(void *context, const struct decision_count *c,
                         struct fail *why)
{
	struct buf *out = context;
	(void)why;
	buf_add(out, STR("delivery_decisions_total"));
	put_label(out, '{', "result", str_of(outcome_names[c->outcome]));
	if (c->code)
		put_label(out, ',', "rule", str_of(diag_info(c->code)->name));
	buf_add_char(out, '}');
	put_value(out, c->n);
	return true;
}

static bool count_waiting(void *context, const struct recorded_decision *d,
                          struct fail *why)
{
	int64_t *n = context;
	(void)d;
	(void)why;
	++*n;
	return true;
}

bool metrics_text(struct buf *out, struct site *s, struct fail *why)
{
	int64_t waiting = 0;
	put_deployments(out, s);
	put_family(out, "delivery_decisions", "counter", NULL,
	           "Decisions about intents. A wait counts when its reason "
	           "changes.");
	if (!ledger_decision_counts(s->ledger, put_decision, out, why) ||
	    !ledger_waiting(s->ledger, count_waiting, &waiting, why))
		return false;
	put_plain(out, "delivery_waiting_intents", "gauge", "", NULL,
	          "Intents that may be allowed later by themselves.", waiting);
	put_plain(out, "delivery_mutations_enabled", "gauge", "", NULL,
	          "0 while the kill switch is on, anywhere.",
	          !s->policy->platform.mutations.is_disabled);
	put_plain(out, "delivery_runs", "counter", "_total", NULL,
	          "Runs that were begun.", s->head.runs);
	put_plain(out, "delivery_ledger_events", "counter", "_total", NULL,
	          "Events in the ledger.", s->head.events);
	put_plain(out, "delivery_last_pass_timestamp_seconds", "gauge", "",
	          "seconds", "When the last run ended; 0: none did.",
	          s->head.finished_at);
	put_family(out, "delivery_ledger_head_info", "gauge", NULL,
	           "The hash of the last event.");
	buf_add(out, STR("delivery_ledger_head_info"));
	put_label(out, '{', "hash", str_of(s->head.hash));
	buf_add_char(out, '}');
	put_value(out, 1);
	buf_add(out, STR("# EOF\n"));
	return true;
}

bool write_metrics(struct site *s, struct fail *why)
{
	return metrics_text(&s->text, s, why) &&
	       site_text(s, STR("metrics.prom"), false, why);
}
