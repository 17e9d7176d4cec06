# The same rules for conftest, which gives one document after the other: what
# builds registered is data.bench.registered, found out before.
package main

import data.rules

deny contains "denied" if not rules.valid(input)

deny contains "denied" if {
	input.kind == "deploy"
	not allowed
}

allowed if {
	service := data.bench.services[input.service]
	service.routes[input.environment] in service.recipes
	data.bench.registered[sprintf("%s %s", [input.service, input.version])]
	replicas := object.get(input, ["params", "replicas"], data.bench.replicas.min)
	replicas >= data.bench.replicas.min
	replicas <= data.bench.replicas.max
}
