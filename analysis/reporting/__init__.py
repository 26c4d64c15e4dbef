"""Reporting checklists: what each asks, and how far a review answers it.

A review's own ``data/reporting.csv`` says in which sections an item is answered; what depends on the
evidence (a search of its own, judgements, ratings) is looked up in the evidence and never typed.
"""
