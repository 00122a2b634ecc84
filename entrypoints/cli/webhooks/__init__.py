"""Commands about webhooks as they are stored."""
