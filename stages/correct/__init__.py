"""Stage correct: mend what the recogniser misread, and record every edit."""
