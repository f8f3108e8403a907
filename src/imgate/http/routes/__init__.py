"""One module per noun: each route names who may, what is read, and the one step of the corridor that answers."""
