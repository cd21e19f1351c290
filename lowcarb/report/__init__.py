"""Reports on trainings, comparisons and plans, and their pictures.

::

    account/      a training's ledger: summary, sentences (verdict), JSON, page, pictures
    comparison/   a comparison of policies: the same forms
    pictures/     one picture a file, drawn from plain arrays; style.py says how they look
    page.py       what every page looks like
    region_schedule.py, plan_picture.py   a plan by region and round, and its picture
"""
