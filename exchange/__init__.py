"""Pages to and from the tools in which people look at, correct and publish transcriptions."""
