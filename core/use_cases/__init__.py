"""One small async function per job, over ports; the rules stay in the core."""
