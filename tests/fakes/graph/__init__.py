"""The parts of the local Graph; ``tests/fakes/graph_server.py`` is the way in.

Where the documents leave open what Microsoft does, the fake does what a careful client must survive:

- With ``values`` and ``numberFormat`` in one PATCH the values are typed first, under the old format.
- A number sent to a cell formatted as text becomes text; ``1,5`` sent as a string becomes 15.
- What is written into a merged cell behind the corner is not kept, and nobody is told.
- One locked cell refuses the whole range.
- Two requests to one workbook at once, one of them a write, refuse the later one with 429.
- ``Files.ReadWrite.All`` alone opens files but neither sites nor workbooks; ``Sites.Selected`` with a grant opens
  workbooks unless ``Application.opens_selected`` is False.
- A file opened exclusively on the desktop refuses reads too, unless the person lets others read; one checked out by
  somebody refuses writes with 423.
- After deleting a table's last row its empty insert row stays, which ``rows`` does not list and the next row fills.
- Restoring a version ends the sessions on the server.
- Protection binds people too: what they may not do fails the test that lets them try.
- Opening and closing a session counts as writing.

What it does not know: ``$batch``, ``$filter``, ``$expand``, delta, subscriptions, upload sessions; changing files by
PATCH or DELETE; adding columns to tables; charts, pivot tables, comments in the API, validation, conditional formats,
slicers; R1C1; structured references and functions beyond SUM, IF, HYPERLINK; the 1904 date system; percentages typed
into cells that are percentages already; quotas per minute (script them as faults).
"""
