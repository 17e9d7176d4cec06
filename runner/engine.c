#include "runner/engine.h"

const struct engine_ops *engine_ops(enum engine_type type)
{
	switch (type) {
	case ENGINE_SANDBOX:
		return &engine_sandbox;
	case ENGINE_COMMAND:
		return &engine_command;
	case ENGINE_SPINNAKER:
		break;
	}
	return NULL;
}
