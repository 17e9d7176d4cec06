#include "runner/parameters.h"

enum engine_answer parameters_of(struct expansion *out, struct arena *a,
                                 const struct engine_order *order,
                                 struct str *text)
{
	struct expansion_order wanted = {
	        .recipe = order->recipe,
	        .deployment = order->deployment,
	        .build = order->build,
	        .params = order->params,
	};
	struct expansion_problem p = expansion_of(out, a, &wanted);
	if (p.fault == EXPANSION_FINE)
		return ENGINE_READY;
	struct location at = location_of(p.where);
	*text = str_format(a, "%" STR_FMT " (%" STR_FMT ":%u:%u)",
	                   STR_ARG(p.text), STR_ARG(at.file), at.line,
	                   at.column);
	return p.fault == EXPANSION_NO_BUILD ? ENGINE_NO_ARTIFACT
	                                     : ENGINE_BAD_CONFIG;
}
