"""What a bank or gateway says it has settled, held against what orders know: rows, rules, and cases for people."""
