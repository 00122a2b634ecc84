"""The small worlds in which every state of the lifecycle is looked for, and what must hold there."""
