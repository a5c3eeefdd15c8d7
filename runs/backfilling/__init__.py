"""Backfills: many partitions, made by several runs."""
