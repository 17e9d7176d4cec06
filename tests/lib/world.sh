# shellcheck shell=sh
# world.sh: a small governance repository to try the program on, read after
# tap.sh. Two services of one group, another of another group, two
# environments, one recipe. Who there is: ana (platform admin), bo (owner of
# payments), cy (owner of media), ci (CI publisher), oz (observer), and eve, of
# whom the policy knows nothing.

# world_make FOLDER: a repository with the policy committed, by ana, on
# 2026-03-01. The platform has the lines on standard input beside its name.
world_make() {
	repo_make "$1" && printf '/.dxcp/\n/build/\n' >"$1/.gitignore" &&
		world_platform "$1" && world_policy "$1" &&
		repo_commit "$1" 2026-03-01T08:00:00Z 'Policy' ana@example.com
}

# world_platform FOLDER: write policy/platform.yaml with these lines.
world_platform() {
	mkdir -p "$1/policy" && {
		printf 'kind: platform\nname: Acme delivery\n'
		cat
	} >"$1/policy/platform.yaml"
}

world_policy() {
	cat >"$1/policy/rest.yaml" <<-'YAML'
		kind: roles
		platform_admin: [ana@example.com]
		ci_publisher: [ci@example.com]
		observer: [oz@example.com]
		---
		kind: environment
		name: dev
		type: non_prod
		---
		kind: environment
		name: prod
		type: prod
		---
		kind: service
		name: checkout
		recipes: [standard]
		routes: {dev: standard, prod: standard}
		artifact_sources: ["s3://acme/checkout/"]
		---
		kind: service
		name: ledger
		recipes: [standard]
		routes: {dev: standard, prod: standard}
		artifact_sources: ["s3://acme/ledger/"]
		---
		kind: service
		name: player
		recipes: [standard]
		routes: {dev: standard}
		artifact_sources: ["s3://acme/player/"]
		---
		kind: group
		id: payments
		name: Payments
		owners: [bo@example.com]
		services: [checkout, ledger]
		environments: [dev, prod]
		recipes: [standard]
		---
		kind: group
		id: media
		name: Media
		owners: [cy@example.com]
		services: [player]
		environments: [dev]
		recipes: [standard]
		---
		kind: recipe
		id: standard
		name: Standard
		revision: 1
		summary: Replaces the running version.
		engine: box
		parameters: {version: "{{version}}"}
		overridable: {replicas: {type: integer, min: 1, max: 5}}
		timeout: 10m
	YAML
}

# world_build FOLDER SERVICE VERSION [NAME]: write a build intent.
world_build() {
	mkdir -p "$1/intents/$2"
	cat >"$1/intents/$2/${4:-build-$3}.yaml" <<-YAML
		kind: build
		service: $2
		version: $3
		summary: Build of $3
		artifact: s3://acme/$2/$2-$3.zip
		commit: 0123456789abcdef0123456789abcdef01234567
		branch: main
		built_at: 2026-03-01T07:00:00Z
	YAML
}

# world_deploy FOLDER SERVICE ENVIRONMENT VERSION [NAME]: write a deploy
# intent, with more lines if they are on standard input (not a terminal's:
# give /dev/null where there are none).
world_deploy() {
	mkdir -p "$1/intents/$2"
	{
		cat <<-YAML
			kind: deploy
			service: $2
			environment: $3
			version: $4
			summary: Put $4 into $3
		YAML
		cat
	} >"$1/intents/$2/${5:-deploy-$4-$3}.yaml"
}

# dx TIME ARGUMENT...: the program on the repository $REPO, at that time.
dx() {
	dx_now=$1
	shift
	"$DXCP" -C "$REPO" --now "$dx_now" "$@"
}

# test_jq SENTENCE FILTER [FILE]: for the JSON of out, or FILE, the jq expression
# is true. The JSON is shown where it is not.
test_jq() {
	test_got=$(jq "$2" "${3:-out}" 2>&1)
	{
		printf '%s\nis not true, but %s, of:\n' "$2" "$test_got"
		jq -c . "${3:-out}" 2>&1 | cut -c 1-4000
	} >.why
	[ "$test_got" = true ]
	test_report $? "$1" .why
}
