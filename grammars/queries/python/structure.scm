; What the nodes of this language are.
