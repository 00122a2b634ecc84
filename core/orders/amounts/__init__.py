"""An order's money, in minor units: what was paid, taken, given back, reserved, and what may be refunded."""
