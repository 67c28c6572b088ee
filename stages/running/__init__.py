"""How stages run: errors as one line, rejected pages, many processes, a cluster."""
