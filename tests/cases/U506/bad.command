check --similar
