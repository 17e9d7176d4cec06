/* embedded: what was compiled in is what lies in the folders. Run from the
 * top of the repository. */
#include "core/embedded.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

static bool same_as_on_disk(const struct embedded_file *f)
{
	FILE *disk = fopen(f->path, "rb");
	if (!disk)
		return false;
	bool same = true;
	for (size_t i = 0; i < f->size && same; i++)
		same = getc(disk) == f->bytes[i];
	same = same && getc(disk) == EOF;
	fclose(disk);
	return same;
}

int main(void)
{
	for (size_t i = 0; i < embedded_count; i++) {
		const struct embedded_file *f = &embedded_files[i];
		ok(same_as_on_disk(f), "%s is as on disk", f->path);
		ok(!f->bytes[f->size], "%s has a NUL after it", f->path);
		if (i)
			ok(strcmp(f[-1].path, f->path) < 0,
			   "%s stands after %s", f->path, f[-1].path);
	}
	ok(!embedded_files[embedded_count].path, "nothing follows the last");
	return tap_done();
}
