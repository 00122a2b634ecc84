"""What a store in SQL keeps for those who run the installation."""
