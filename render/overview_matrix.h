/*
 * overview_matrix: what runs where: services as rows, environments as columns,
 * production first. Of many services those that changed or are in trouble, of
 * many environments those in most use.
 */
#ifndef RENDER_OVERVIEW_MATRIX_H
#define RENDER_OVERVIEW_MATRIX_H

#include "render/parts.h"

struct cell {
	int64_t number;
	struct str version, since, note, tone;
};

struct matrix_row {
	struct str service, service_slug, group, strip;
	VEC(struct cell) cells;
};

struct column {
	struct str name, slug;
};

struct matrix {
	VEC(struct column) columns;
	VEC(struct matrix_row) rows;
	struct str note, strip_words;
};
extern const struct fields matrix_fields;

void matrix_read(struct matrix *out, struct site *s);

#endif
