"""The parts of the local Google; ``tests/fakes/sheets_server.py`` is the way in.

Where the documents leave open what Google does, the fake does what a careful client must survive:

- Writing values past the edge of the grid is refused, as is a GridRange that ends behind it: grow the grid first.
- What is written into a merged cell behind the corner is not kept, and nobody is told.
- Rules of data validation bind people, not the API.
- Developer metadata stays with its row through sorts, cuts and pastes; a copied tab has copies with ids of its own, a
  copied file the same ids. That of rows and columns surfaces in ``spreadsheets.get`` only with ``ranges``.
- Bringing an old version back brings its developer metadata back.
- Rows may be appended to the grid although a whole column is protected, not to a protected tab; new rows in the middle
  of a protected range are refused.
- A data filter that matches nothing is no error.
- Readers of a file see neither its permissions nor their ids in Drive.
- A trashed file is read and written as before.
- ``1,5`` in en_US, ``2024-09-01T10:00:00Z`` and ``31.02.2024`` stay text when typed.
- Two fields that exclude each other, and misspelt masks, are refused; fields that only answers have cannot be masked.

What it does not know: tables, charts, pivot tables, comments, filter views, groups, banding, borders; formulas beyond
a handful of functions; recalculation that lags; a range in a formula loses its deleted end instead of shrinking.
"""
