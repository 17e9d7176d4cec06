/* Answers whose body is not what a client would like. */
#include "tests/gate/fault.h"

#include "core/when.h"

#include <string.h>

/* --- gzip, stored blocks only: RFC 1952, RFC 1951 section 3.2.4 ------------*/

static uint32_t crc32(struct str s)
{
	uint32_t crc = 0xffffffff;
	for (size_t i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.s[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void add_little_endian(struct buf *out, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_char(out, (char)(value >> (8 * i)));
}

void spoil_gzip(struct arena *a, struct answer *to)
{
	enum { BLOCK_MAX = 65535 };
	struct str all = to->body, rest = all;
	struct buf out = buf_new(a, SIZE_MAX / 4);
	buf_add(&out, STR("\x1f\x8b\x08\0\0\0\0\0\0\xff"));
	do {
		struct str block = str_head(rest, BLOCK_MAX);
		rest = str_from(rest, BLOCK_MAX);
		buf_add_char(&out, rest.n ? 0 : 1);
		add_little_endian(&out, (uint32_t)block.n, 2);
		add_little_endian(&out, ~(uint32_t)block.n, 2);
		buf_add(&out, block);
	} while (rest.n);
	add_little_endian(&out, crc32(all), 4);
	add_little_endian(&out, (uint32_t)all.n, 4);
	to->body = buf_str(&out);
	answer_header(to, "Content-Encoding", STR("gzip"));
}

/* --- executions ------------------------------------------------------------*/

static bool is_execution(const json_t *value)
{
	return json_is_array(json_object_get(value, "stages")) &&
	       json_object_get(value, "status");
}

static void iso_time(struct arena *a, json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	if (!json_is_integer(v))
		return;
	int64_t ms = json_integer_value(v);
	struct when_text t = when_text(ms / 1000);
	member_set_str(
	        object, key,
	        str_format(a, "%.19s.%03d+00:00", t.s, (int)(ms % 1000)));
}

static void iso_times(struct arena *a, json_t *object)
{
	static const char *const times[] = {"buildTime", "startTime", "endTime",
	                                    NULL};
	for (const char *const *p = times; *p; p++)
		iso_time(a, object, *p);
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(object, "stages"), i, stage)
	        iso_times(a, stage);
}

static void drop_members(json_t *e)
{
	static const char *const needless[] = {"canceled",
	                                       "origin",
	                                       "authentication",
	                                       "startTime",
	                                       "notifications",
	                                       "initialConfig",
	                                       "endTime",
	                                       "trigger",
	                                       "limitConcurrent",
	                                       "name",
	                                       "keepWaitingPipelines",
	                                       NULL};
	for (const char *const *p = needless; *p; p++)
		json_object_del(e, *p);
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		json_object_del(stage, "tasks");
		json_object_del(stage, "outputs");
		json_object_del(stage, "startTime");
		json_object_del(stage, "endTime");
	}
}

static void make_huge(struct arena *a, json_t *e, int64_t bytes)
{
	json_t *stage = json_array_get(json_object_get(e, "stages"), 0);
	if (!stage || bytes <= 0)
		return;
	char *filler = arena_text(a, (size_t)bytes);
	memset(filler, 'x', (size_t)bytes);
	member_set_str(member_object(stage, "context"), "filler",
	               (struct str){filler, (size_t)bytes});
}

static void spoil_one(struct arena *a, json_t *e, const json_t *fault)
{
	if (member_is(fault, "fault", "unknown_status"))
		member_set(
		        e, "status",
		        json_string(fault_text(fault, "status", "PONDERING")));
	else if (member_is(fault, "fault", "canceled_running"))
		member_set(e, "canceled", json_true());
	else if (member_is(fault, "fault", "iso_times"))
		iso_times(a, e);
	else if (member_is(fault, "fault", "missing_members"))
		drop_members(e);
	else
		make_huge(a, e, member_int(fault, "bytes", 10 << 20));
}

void spoil_executions(struct arena *a, struct answer *to, const json_t *fault)
{
	json_t *body;
	struct fail why = {0};
	if (to->status / 100 != 2 || !json_read(&body, a, to->body, &why))
		return;
	if (is_execution(body))
		spoil_one(a, body, fault);
	size_t i;
	json_t *e;
	json_array_foreach(body, i, e)
	{
		if (is_execution(e))
			spoil_one(a, e, fault);
	}
	to->body = json_canonical(a, body);
}
