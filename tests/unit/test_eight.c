#include "core/eight.h"

#include "tests/lib/tap.h"

/* Every byte at every place, among letters. */
static void test_printable(void)
{
	int wrong = 0;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 8; at++) {
			char s[] = "abcdefgh";
			s[at] = (char)c;
			bool is = c >= ' ' && c < 0x80;
			wrong += eight_is_printable(eight_at(s)) != is;
		}
	is_int(wrong, 0, "printable is from the space on, in ASCII");
}

static void test_which(void)
{
	int missed = 0, false_alone = 0;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 8; at++) {
			char s[] = "\x81z\x82z\x83z\x84z";
			s[at] = '"';
			missed += !eight_which(eight_at(s), '"');
			s[at] = (char)c;
			bool has = memchr(s, '"', 8) != NULL;
			bool found = eight_which(eight_at(s), '"') != 0;
			false_alone += found != has;
		}
	is_int(missed, 0, "a byte that is there is found at every place");
	is_int(false_alone, 0, "and one that is not there is not");
}

int main(void)
{
	test_printable();
	test_which();
	return tap_done();
}
