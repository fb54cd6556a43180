"""What AWS allows: every number once, with its source and the day it was checked. One module a subject."""
