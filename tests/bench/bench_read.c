/*
 * bench_read REPOSITORY [REVISION]: the least that reading intents can cost.
 * Walks intents/ of a commit, reads every blob and runs libyaml's events over
 * it, with nothing of DXCP's: the yardstick for `dxcp check`.
 */
#include <git2.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

static git_repository *repository;
static git_odb *odb;
static size_t files, events;

static int fail(const char *what)
{
	const git_error *e = git_error_last();
	fprintf(stderr, "bench_read: %s: %s\n", what, e ? e->message : "");
	return 1;
}

static int read_events(const unsigned char *text, size_t n)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int done = 0;
	if (!yaml_parser_initialize(&parser))
		return fail("libyaml");
	yaml_parser_set_input_string(&parser, text, n);
	while (!done) {
		if (!yaml_parser_parse(&parser, &event))
			return fail("not YAML");
		done = event.type == YAML_STREAM_END_EVENT;
		events++;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return 0;
}

static int read_blob(const git_oid *id)
{
	git_odb_object *blob;
	if (git_odb_read(&blob, odb, id))
		return fail("blob");
	int failed = read_events(git_odb_object_data(blob),
	                         git_odb_object_size(blob));
	git_odb_object_free(blob);
	files++;
	return failed;
}

static int read_tree(const git_oid *id)
{
	git_tree *tree;
	int failed = 0;
	if (git_tree_lookup(&tree, repository, id))
		return fail("tree");
	for (size_t i = 0; !failed && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *e = git_tree_entry_byindex(tree, i);
		failed = git_tree_entry_type(e) == GIT_OBJECT_TREE
		                 ? read_tree(git_tree_entry_id(e))
		                 : read_blob(git_tree_entry_id(e));
	}
	git_tree_free(tree);
	return failed;
}

int main(int argc, char **argv)
{
	char path[256];
	git_object *intents;
	if (argc < 2) {
		fprintf(stderr, "usage: bench_read REPOSITORY [REVISION]\n");
		return 2;
	}
	snprintf(path, sizeof path, "%s:intents", argc > 2 ? argv[2] : "HEAD");
	git_libgit2_init();
	if (git_repository_open(&repository, argv[1]) ||
	    git_repository_odb(&odb, repository) ||
	    git_revparse_single(&intents, repository, path))
		return fail(path);
	int failed = read_tree(git_object_id(intents));
	git_object_free(intents);
	git_odb_free(odb);
	git_repository_free(repository);
	git_libgit2_shutdown();
	printf("%zu files, %zu events\n", files, events);
	return failed;
}
