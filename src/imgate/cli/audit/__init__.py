"""`imgate audit`: what shows that the log is the whole log, and what others need to see that for themselves."""
