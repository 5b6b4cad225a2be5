"""Spreadsheets: the one bounded reader and the one writer of .xlsx and CSV.

The room knows files, sheets, rows and values.  What a heading or a value means is the business of
whoever reads.
"""
