"""Merchants are told: an announcement delivered, and delivered once more."""
