"""`paystate sandbox`: the offline Juspay, started by hand or for a service's settings."""
