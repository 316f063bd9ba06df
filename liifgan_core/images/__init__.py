"""Pictures in memory and in files."""
