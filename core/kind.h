/*
 * kind: which kind of document a YAML map says it is, by its key `kind`.
 */
#ifndef CORE_KIND_H
#define CORE_KIND_H

#include "core/diag.h"
#include "core/yaml.h"

enum kind_place { KIND_OF_POLICY, KIND_OF_INTENT };

/* Every kind that belongs to a place, NULL-terminated: in the order of
   policy_kinds[] and of enum intent_kind. */
extern const char *const kind_names[2][16];

/*
 * The index into the names of the place; -1 with a finding where the document
 * is not a map, has no kind, or one that does not belong there. *at gets the
 * place of the word, if there is one.
 */
int kind_read(const struct yaml_node *root, enum kind_place where,
              struct span *at, struct diags *ds);

#endif
