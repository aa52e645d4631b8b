"""Sunlot."""
