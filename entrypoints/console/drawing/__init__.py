"""Pictures that are made on the server, as SVG without a script and without a style of its own."""
