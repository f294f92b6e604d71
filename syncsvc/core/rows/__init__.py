"""The rows of one table: whose they are, what moves between them and the records, what has to be asked.

``planner.py`` finds out whose each row is and hands it to ``known``, ``new`` or ``absent``. They share the ``grid``
(what is looked up), the ``draft`` (what is gathered), the ``pen`` (what is written) and the ``decisions`` about cells.
"""
