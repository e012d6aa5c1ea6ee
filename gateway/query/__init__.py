"""LAW: the query language. SQL text -> Query, canonical form, words. Imports: domain, errors, sqlglot."""
