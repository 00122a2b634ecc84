"""Juspay's objects as a merchant reads them, member by member."""
