"""Google Sheets as shared tables: the provider ``google``."""
