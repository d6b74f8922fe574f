"""Chaos: a whole installation is broken again and again by a seeded schedule, then its books are audited."""
