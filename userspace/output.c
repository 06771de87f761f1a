// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

/* A cell is an address, a number or a word; more is cut */
#define CELL_STRLEN	128
#define INDENT		4

/* The errno of the first write that failed */
static int write_error;

/**
 * out_of_memory() - end it all
 */
void out_of_memory(void)
{
	fputs("dsrctl: out of memory\n", stderr);
	exit(2);
}

/**
 * text_new() - print into new memory
 * @fmt: what to print
 *
 * Return: the text, for free().
 */
char *text_new(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int ret;

	va_start(ap, fmt);
	ret = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (ret < 0)
		out_of_memory();
	return text;
}

/* A name from elsewhere must not move the cursor or begin a line */
static void put_clean(FILE *file, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c; c++)
		putc(*c < ' ' || *c == 0x7f ? '?' : *c, file);
}

static size_t count_columns(const struct table *table)
{
	size_t count = 0;

	while (table->columns[count].title)
		count++;
	return count;
}

/**
 * table_cell() - fill the next cell
 * @table: the table; its rows begin by themselves
 * @fmt: what is in the cell
 */
void table_cell(struct table *table, const char *fmt, ...)
{
	size_t column = table->cells % count_columns(table);
	char cell[CELL_STRLEN];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(cell, sizeof(cell), fmt, ap);
	va_end(ap);

	len = strlen(cell);
	if (table->room - table->len <= len) {
		table->room = table->room * 2 + CELL_STRLEN;
		table->text = realloc(table->text, table->room);
		if (!table->text)
			out_of_memory();
	}
	memcpy(table->text + table->len, cell, len + 1);
	table->len += len + 1;
	table->cells++;
	if (len > table->width[column])
		table->width[column] = len;
}

void table_number(struct table *table, uint64_t number)
{
	table_cell(table, "%llu", (unsigned long long)number);
}

/**
 * table_rows() - the number of rows that wait
 * @table: the table
 */
size_t table_rows(const struct table *table)
{
	return table->cells / count_columns(table);
}

/*
 * Print a cell. The blanks before it are only counted until something comes
 * after them, so that no line ends in blanks.
 */
static size_t print_cell(const struct column *column, size_t width,
			 const char *cell, size_t blanks)
{
	size_t fill = width - strlen(cell);

	if (!*cell)
		return blanks + width + 2;
	if (column->right)
		blanks += fill;
	printf("%*s", (int)blanks, "");
	put_clean(stdout, cell);
	return 2 + (column->right ? 0 : fill);
}

static void print_head(struct table *table)
{
	size_t blanks = 0;
	size_t i;

	for (i = 0; table->columns[i].title; i++) {
		size_t len = strlen(table->columns[i].title);

		if (table->columns[i].optional && !table->width[i])
			continue;
		if (len > table->width[i])
			table->width[i] = len;
		blanks = print_cell(&table->columns[i], table->width[i],
				    table->columns[i].title, blanks);
	}
	putchar('\n');
	table->headed = true;
}

/**
 * table_flush() - print the rows that wait, and the head before the first ones
 * @table: the table; later rows get columns of the same width or wider
 */
void table_flush(struct table *table)
{
	size_t columns = count_columns(table);
	const char *cell = table->text;
	size_t blanks = 0;
	size_t i;

	if (!table->headed)
		print_head(table);
	for (i = 0; i < table->cells; i++) {
		size_t column = i % columns;

		if (table->width[column])
			blanks = print_cell(&table->columns[column],
					    table->width[column], cell, blanks);
		cell += strlen(cell) + 1;
		if (column == columns - 1) {
			putchar('\n');
			blanks = 0;
		}
	}
	table->len = 0;
	table->cells = 0;
}

void table_end(struct table *table)
{
	table_flush(table);
	free(table->text);
	memset(table, 0, sizeof(*table));
}

/* jansson begins its lines at the left; within an array they are indented */
static int print_indented(const char *text, size_t len, void *data)
{
	const int *indent = data;
	size_t i;

	for (i = 0; i < len; i++) {
		putchar(text[i]);
		if (text[i] == '\n')
			printf("%*s", *indent, "");
	}
	return 0;
}

static void print_json(json_t *json, bool pretty, int indent)
{
	size_t flags = pretty ? JSON_INDENT(INDENT) : JSON_COMPACT;

	if (json_dump_callback(json, print_indented, &indent, flags))
		out_of_memory();
	json_decref(json);
}

/**
 * array_item() - print the next item of an array
 * @array: the array
 * @item: the item; the reference is taken over
 */
void array_item(struct array *array, json_t *item)
{
	fputs(array->count++ ? "," : "[", stdout);
	if (array->pretty)
		printf("\n%*s", INDENT, "");
	print_json(item, array->pretty, INDENT);
}

void array_end(struct array *array)
{
	if (!array->count)
		fputs("[", stdout);
	puts(array->pretty && array->count ? "\n]" : "]");
}

json_t *object_new(void)
{
	json_t *object = json_object();

	if (!object)
		out_of_memory();
	return object;
}

/**
 * object_set() - add a member to a JSON object
 * @object: the object
 * @key: the member's name
 * @value: the member; the reference is taken over
 */
void object_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		out_of_memory();
}

/**
 * object_set_filled() - add an object to a JSON object, unless it is empty
 * @object: the object
 * @key: the member's name
 * @value: the member, an object; the reference is taken over
 */
void object_set_filled(json_t *object, const char *key, json_t *value)
{
	if (json_object_size(value))
		object_set(object, key, value);
	else
		json_decref(value);
}

/* The name of an interface can be of bytes that are not UTF-8 */
json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char ascii[CELL_STRLEN];
	char *c;

	if (json)
		return json;
	snprintf(ascii, sizeof(ascii), "%s", text);
	for (c = ascii; *c; c++)
		if (*c & 0x80)
			*c = '?';
	return json_string(ascii);
}

void object_set_text(json_t *object, const char *key, const char *text)
{
	object_set(object, key, text_json(text));
}

void object_set_number(json_t *object, const char *key, uint64_t number)
{
	object_set(object, key, json_integer((json_int_t)number));
}

/**
 * output_document() - print JSON on a line of its own
 * @document: what to print; the reference is taken over
 * @pretty: one thing a line
 */
void output_document(json_t *document, bool pretty)
{
	print_json(document, pretty, 0);
	putchar('\n');
}

void output_line(const char *line)
{
	put_clean(stdout, line);
	putchar('\n');
}

/**
 * output_broken() - whether what was just printed was for nobody
 *
 * To be asked right after printing, while errno still is the reason.
 */
bool output_broken(void)
{
	if (ferror(stdout) && !write_error)
		write_error = errno ? errno : EIO;
	return write_error;
}

/**
 * output_flush() - let what was printed be read now
 *
 * Return: what output_broken() does.
 */
bool output_flush(void)
{
	fflush(stdout);
	return output_broken();
}

/**
 * output_close() - make sure that all that was printed has arrived
 *
 * Return: 0, or a negative errno.
 */
int output_close(void)
{
	output_flush();
	if (fclose(stdout) && !write_error)
		write_error = errno;
	return -write_error;
}

/**
 * output_error() - tell what is wrong, in one line
 * @file: where the command is from, NULL for the command line
 * @line: the line in @file, 0 when all of it is meant
 * @text: "what: why"
 */
void output_error(const char *file, unsigned int line, const char *text)
{
	output_flush();
	fputs("dsrctl: ", stderr);
	if (file)
		put_clean(stderr, file);
	if (file && line)
		fprintf(stderr, ":%u", line);
	if (file)
		fputs(": ", stderr);
	put_clean(stderr, text);
	putc('\n', stderr);
}
