/*
 * packed_request: a request as a pass keeps it. A pass may hold 100,000 of
 * them, each of which is wanted whole only while it is judged: here it takes
 * 48 bytes, its path, and about 60 more bytes for a deploy, 250 for a build.
 *
 * What sorting and looking for paths ask is beside it. All else is one run of
 * bytes, numbers in as few as they need and texts behind their lengths, known
 * to packed_request.c alone.
 */
#ifndef CORE_PACKED_REQUEST_H
#define CORE_PACKED_REQUEST_H

#include "core/request.h"

struct packed_request {
	const char *path_text;
	const unsigned char *rest; /* NULL: its file was not read yet */
	struct oid blob;
	uint32_t path_bytes;
	uint32_t commit; /* this and what follows: as in struct request */
	enum intent_kind kind : 8;
	bool mixed : 1;
	bool standing : 1; /* none of the change's: judged, but not told of */
};

/* Of a request whose path lives as long as a, where the rest is put. */
struct packed_request packed_request_make(struct arena *a,
                                          const struct request *r);

/* The request again, as long as a lasts; its texts as long as they are packed.
 */
struct request packed_request_open(struct arena *a,
                                   const struct packed_request *p);

struct str packed_request_path(const struct packed_request *p);

#endif
