"""One file over many machines: a plan of parts, parts annotated anywhere, and one result of all."""
