"""Open comments: language, themes, coding with the researcher, quotes and themes by score."""
