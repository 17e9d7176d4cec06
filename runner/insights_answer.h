/*
 * insights_answer: figures as tables for people and rows for spreadsheets.
 */
#ifndef RUNNER_INSIGHTS_ANSWER_H
#define RUNNER_INSIGHTS_ANSWER_H

#include "core/insight_compat.h"
#include "runner/answer.h"

/* One `dxcp insights`. */
struct asking {
	struct cli *cli;
	struct insight_question q;
	enum compat compat;
	enum band_year bands;
	struct answer *answer;
};

/* To the text and the csv of the answer. */
void insights_text(struct asking *k, const struct insight *in);
void insights_csv(struct asking *k, const struct insight *in);
void insights_compat(struct asking *k, const struct insight_compat *c);

#endif
