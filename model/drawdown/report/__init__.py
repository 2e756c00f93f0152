"""Lay out what an assessment found: words, figures, pages and the folder that holds them."""
