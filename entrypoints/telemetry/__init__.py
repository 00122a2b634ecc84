"""What a running Paystate tells whoever watches it: metrics for Prometheus, and traces for OpenTelemetry."""
