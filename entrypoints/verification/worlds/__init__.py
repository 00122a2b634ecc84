"""The small and large worlds: what each one holds, and which states count as one."""
