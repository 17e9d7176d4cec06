# The same rules for OPA: input is a list of all documents, data.bench the policy.
package rules

keys := {
	"deploy": {"kind", "service", "environment", "version", "summary", "ticket", "reason", "params", "labels", "recipe", "not_before", "expires"},
	"build": {"kind", "service", "version", "summary", "artifact", "sha256", "commit", "branch", "built_at", "size_bytes", "content_type", "repository", "ci", "attestations"},
}

required := {
	"deploy": {"service", "environment", "version", "summary"},
	"build": {"service", "version", "summary", "artifact", "commit", "branch", "built_at"},
}

registered := {sprintf("%s %s", [d.service, d.version]) | some d in input; d.kind == "build"}

denied contains i if {
	some i, d in input
	not valid(d)
}

denied contains i if {
	some i, d in input
	d.kind == "deploy"
	not allowed(d)
}

valid(d) if {
	names := object.keys(d)
	count(names - keys[d.kind]) == 0
	count(required[d.kind] - names) == 0
	every name in required[d.kind] {
		is_string(d[name])
	}
	trim_space(d.summary) != ""
	count(d.summary) <= 240
	regex.match(`^[0-9]+\.[0-9]+\.[0-9]+$`, d.version)
	data.bench.services[d.service]
}

allowed(d) if {
	service := data.bench.services[d.service]
	service.routes[d.environment] in service.recipes
	sprintf("%s %s", [d.service, d.version]) in registered
	replicas := object.get(d, ["params", "replicas"], data.bench.replicas.min)
	replicas >= data.bench.replicas.min
	replicas <= data.bench.replicas.max
}
