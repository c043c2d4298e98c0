"""Measures: what is counted, with its interval, its definition and its moment."""
