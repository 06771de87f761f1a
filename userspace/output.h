/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables for people, JSON for programs, and errors for both.
 */
#ifndef DSRCTL_OUTPUT_H
#define DSRCTL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_COLUMNS	20

/**
 * struct column - a column of a table
 * @title: its head, NULL after the last column
 * @right: for numbers
 * @optional: is left out when all its cells are empty
 */
struct column {
	const char *title;
	bool right;
	bool optional;
};

/**
 * struct table - rows that wait until the width of the columns is known
 * @columns: what it looks like; the other fields begin as 0
 * @width: the widest cell of each column so far
 * @text: the cells that wait, one string after the other
 * @len: of @text
 * @room: of @text
 * @cells: how many wait
 * @headed: the head was printed
 */
struct table {
	const struct column *columns;
	size_t width[MAX_COLUMNS];
	char *text;
	size_t len;
	size_t room;
	size_t cells;
	bool headed;
};

void table_cell(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void table_number(struct table *table, uint64_t number);
size_t table_rows(const struct table *table);
void table_flush(struct table *table);
void table_end(struct table *table);

/**
 * struct array - a JSON array that is printed while it grows
 * @pretty: one thing a line
 * @count: what it holds so far
 */
struct array {
	bool pretty;
	size_t count;
};

void array_item(struct array *array, json_t *item);
void array_end(struct array *array);

json_t *object_new(void);
json_t *text_json(const char *text);
void object_set(json_t *object, const char *key, json_t *value);
void object_set_filled(json_t *object, const char *key, json_t *value);
void object_set_text(json_t *object, const char *key, const char *text);
void object_set_number(json_t *object, const char *key, uint64_t number);

void output_document(json_t *document, bool pretty);
void output_line(const char *line);
bool output_broken(void);
bool output_flush(void);
int output_close(void);

void output_error(const char *file, unsigned int line, const char *text);

void out_of_memory(void) __attribute__((noreturn));
char *text_new(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* DSRCTL_OUTPUT_H */
