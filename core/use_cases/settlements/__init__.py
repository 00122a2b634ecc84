"""Importing settlement reports."""
