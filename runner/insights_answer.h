/*
 * insights_answer: figures as tables for people and rows for spreadsheets.
 */
#ifndef RUNNER_INSIGHTS_ANSWER_H
#define RUNNER_INSIGHTS_ANSWER_H

#include "core/insight_compat.h"
#include "runner/answer.h"
#include "runner/sources.h"

/* Of what the figures are told apart. */
enum insights_by { BY_NONE, BY_GROUP, BY_SERVICE, BY_ENVIRONMENT, BY_RECIPE };
extern const char *const insights_by_names[]; /* "", "group", ..., NULL */

/* One `dxcp insights`. */
struct asking {
	struct cli *cli;
	struct insight_question q;
	enum compat compat;
	enum band_year bands;
	enum insights_by by;
	struct sources sources;
	struct answer *answer;
};

/* To the text and the csv of the answer. */
void insights_text(struct asking *k, const struct insight *in);
void insights_csv(struct asking *k, const struct insight *in);

/* Of each slice the figures: a row, and a member of "by". The first is all of
   them together, for comparison: a row of the text alone. */
struct insights_slice {
	struct str name;
	const struct insight *in;
};
struct insights_slices {
	struct insights_slice *at;
	size_t n, cap;
};
void insights_by(struct asking *k, const struct insights_slices *slices);

void insights_compat(struct asking *k, const struct insight_compat *c);

#endif
