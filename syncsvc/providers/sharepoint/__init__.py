"""Excel workbooks on SharePoint as shared tables: the provider ``sharepoint``."""
