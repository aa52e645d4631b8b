"""Printed documents: typst templates as package data, the renderer, QR codes, zip archives.

Knows values that are ready to print and nothing of HTTP, sessions or who may see what.
"""
