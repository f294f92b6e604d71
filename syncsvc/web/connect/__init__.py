"""Connect a table: a guided way in steps, each at an address of its own."""

from syncsvc.web.connect import finish as finish
from syncsvc.web.connect import meaning as meaning
from syncsvc.web.connect import where as where
from syncsvc.web.connect.steps import pages as pages
from syncsvc.web.connect.steps import register as register
