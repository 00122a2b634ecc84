"""The sandbox's own pages: what it holds, and forms to steer it with. They are ours, and no shopper sees them."""
