"""`imgate declaration`: forms and copies, what runs out, and the bundle that anybody can check."""
