"""Reports on trainings and comparisons, and their pictures.

::

    summary.py, verdict.py     a ledger: figures, sentences
    account.py, html.py        a ledger: JSON, page; chart.py needs no matplotlib
    comparison_verdict.py      a comparison: sentences
    comparison.py, comparison_html.py  a comparison: JSON, page
    page.py                    what every page looks like
    pictures/                  one picture a file, drawn from plain arrays
    pictures/style.py          how they look: colours, letters
    *_pictures.py              from a ledger or a comparison to its pictures
    schedule.py                the demo's picture of a plan
"""
