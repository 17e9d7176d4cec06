/*
 * artifact: the parts of an artifact's address, as a build gives it.
 *
 *	s3://bucket/key                        scheme, host = bucket, path
 *	oci://registry/repository:tag@sha256:… (OCI image references)
 *	https://host/path, http://…            a query belongs to no part
 *	file:///path                           the path begins with '/'
 *	pkg:type/namespace/name@version        (package URL; qualifiers: no
 *part)
 *
 * The name is the last piece of the path. Nothing is decoded.
 */
#ifndef CORE_ARTIFACT_H
#define CORE_ARTIFACT_H

#include "core/str.h"

/* Parts that the address has not are empty. They are pieces of it. */
struct artifact {
	struct str scheme, host, bucket, path, name, tag, digest;
};

struct artifact artifact_of(struct str address);

#endif
