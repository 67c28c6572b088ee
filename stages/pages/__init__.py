"""Pages: their scans on disk, hand transcriptions, and the records that pass between stages."""
